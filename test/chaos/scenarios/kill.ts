// The bot's process is killed at random moments, also while it starts.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { Scenario, Stage } from '../scenario.ts';

async function disturb({ bot, times, durationMs, random, mark, say }: Stage): Promise<void> {
  const start = Date.now();
  const moments = Array.from({ length: times }, () => random() * durationMs).sort((a, b) => a - b);
  for (const [index, moment] of moments.entries()) {
    await sleep(Math.max(0, start + moment - Date.now()));
    mark();
    await bot.kill();
    if ((index + 1) % 10 === 0) say(`${index + 1} of ${times} kills`);
  }
}

export const kill: Scenario = {
  name: 'kill',
  title: 'the bot is killed (SIGKILL) at random moments and started again at once',
  databases: ['sqlite', 'mariadb'],
  full: { messages: 5000, perSecond: 25, times: 50, compress: 120, settleMs: 120_000 },
  short: { messages: 150, perSecond: 15, times: 5, compress: 600, settleMs: PATIENCE_MS },
  disturb,
  refuses: true,
  apologises: false,
};
