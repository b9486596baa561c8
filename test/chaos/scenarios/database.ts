// Kills the database server and restarts it on its files.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';

async function disturb({ restartDatabase, times, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  for (let restart = 1; restart <= times; restart++) {
    await sleep(durationMs / (times + 1));
    startRecovery();
    await restartDatabase();
    log(`restart ${restart} of ${times} of the database`);
  }
}

export const database: Scenario = {
  name: 'database',
  title: 'MariaDB is killed under load and restarted',
  databases: ['mariadb'],
  full: { messages: 1500, perSecond: 25, times: 5, compress: 120, settleMs: 120_000 },
  short: { messages: 150, perSecond: 25, times: 1, compress: 600, settleMs: PATIENCE_MS },
  disturb,
  rejectsCallbacks: true,
  apologises: false,
};
