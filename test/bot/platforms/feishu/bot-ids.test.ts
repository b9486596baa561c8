// How often the platform is asked for the bot's own id.
import { expect, test } from '@jest/globals';
import { createBotIds } from '../../../../bot/platforms/feishu/bot-ids.ts';

test.each([
  { name: 'within a minute', moved: 59_999, again: false },
  { name: 'a minute later', moved: 60_000, again: true },
  { name: 'a moment after the clock was set back by an hour', moved: -3_600_000, again: true },
])('$name, a question that failed is asked again: $again', async ({ moved, again }) => {
  let now = Date.parse('2026-11-27T12:00:00Z');
  let questions = 0;
  const ids = createBotIds(
    () => {
      questions += 1;
      return questions === 1 ? Promise.reject(new Error('down')) : Promise.resolve('ou_bot');
    },
    () => now,
  );
  await expect(ids.get('cli_x')).rejects.toThrow('down');
  now += moved;
  if (again) await expect(ids.get('cli_x')).resolves.toBe('ou_bot');
  else await expect(ids.get('cli_x')).rejects.toThrow('down');
});
