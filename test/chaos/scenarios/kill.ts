// Kills the bot's process at random moments, also while it starts.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';

async function disturb({ bot, times, durationMs, random, startRecovery, log }: DisturbanceContext): Promise<void> {
  const start = Date.now();
  const moments = Array.from({ length: times }, () => random() * durationMs).sort((a, b) => a - b);
  for (const [index, moment] of moments.entries()) {
    await sleep(Math.max(0, start + moment - Date.now()));
    startRecovery();
    await bot.kill();
    if ((index + 1) % 10 === 0) log(`${index + 1} of ${times} kills`);
  }
}

export const kill: Scenario = {
  name: 'kill',
  title: 'the bot is killed (SIGKILL) at random moments and restarted at once',
  databases: ['sqlite', 'mariadb'],
  full: { messages: 5000, perSecond: 25, times: 50, compress: 120, settleMs: 120_000 },
  short: { messages: 150, perSecond: 15, times: 5, compress: 600, settleMs: PATIENCE_MS },
  disturb,
  rejectsCallbacks: true,
  apologises: false,
};
