// Steps the clock of the bot's process by ten minutes, forward and back, as a wrong time server would.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';

/** Seconds ahead of the true time. Timers follow the monotonic clock, which a changed system time does not affect. */
const STEPS = [600, 0, -600];

async function disturb({ dir, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  for (const seconds of STEPS) {
    await sleep(durationMs / (STEPS.length + 1));
    setClock(dir, seconds);
    startRecovery();
    log(`the clock of the bot is ${seconds} s ahead`);
  }
}

function setClock(dir: string, seconds: number): void {
  writeFileSync(clockFile(dir), `${seconds < 0 ? '' : '+'}${seconds}\n`);
}

function clockFile(dir: string): string {
  return join(dir, 'clock');
}

/** Returns the path of libfaketime for programs with threads; undefined if it is not installed. */
function library(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find(existsSync);
}

export const clock: Scenario = {
  name: 'clock',
  title: "the bot's clock is stepped by ten minutes, forward and back",
  databases: ['sqlite'],
  full: { messages: 1200, perSecond: 20, times: STEPS.length, compress: 120, settleMs: 120_000 },
  short: { messages: 150, perSecond: 25, times: STEPS.length, compress: 600, settleMs: PATIENCE_MS },
  missing: () =>
    library() === undefined ? 'libfaketime is not installed (Debian: apt-get install libfaketime)' : undefined,
  async prepare(dir) {
    setClock(dir, 0);
    return async () => undefined;
  },
  env: (dir) => ({
    LD_PRELOAD: library() ?? '',
    FAKETIME_TIMESTAMP_FILE: clockFile(dir),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }),
  disturb,
  rejectsCallbacks: false,
  apologises: false,
};
