// Retries of a failed request for the bot's own id.
import { expect, test } from '@jest/globals';
import { createBotIds } from '../../../../bot/platforms/feishu/bot-ids.ts';

test.each([
  { name: 'within a minute', moved: 59_999, retried: false },
  { name: 'a minute later', moved: 60_000, retried: true },
  { name: 'after the clock was set back by an hour', moved: -3_600_000, retried: true },
])('retries a failed request $name: $retried', async ({ moved, retried }) => {
  let now = Date.parse('2026-11-27T12:00:00Z');
  let requests = 0;
  const ids = createBotIds(
    () => {
      requests += 1;
      return requests === 1 ? Promise.reject(new Error('down')) : Promise.resolve('ou_bot');
    },
    () => now,
  );
  await expect(ids.get('cli_x')).rejects.toThrow('down');
  now += moved;
  if (retried) await expect(ids.get('cli_x')).resolves.toBe('ou_bot');
  else await expect(ids.get('cli_x')).rejects.toThrow('down');
});
