// Sends many messages through a whole bot, within the memory of its container. `make soak` sends a day's load.
import { expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../support/patience.ts';
import { soak } from './soak.ts';

test('answers 2,000 messages of 500 people once, or lists them as unknown, within 192 MiB', async () => {
  const report = await soak({ messages: 2_000, sessions: 500, ackWithinMs: PATIENCE_MS });
  expect(report).toMatchObject({ twice: 0, notAcknowledged: 0, sessions: 500 });
  // An unknown reply may have arrived. On a busy machine DingTalk's response can exceed the bot's time limit.
  expect(report.answered).toBeGreaterThanOrEqual(2_000 - report.unknown);
  expect(report.unknown).toBeLessThan(20);
  expect(report.rss.max).toBeLessThan(192 * 2 ** 20);
});
