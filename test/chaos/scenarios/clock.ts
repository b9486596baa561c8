// The clock of the bot's process is stepped by ten minutes, forth and back, as a wrong time server would do it.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import type { Scenario, Stage } from '../scenario.ts';

/** Seconds ahead of the true time. Timers go on by the true time, as they do on a machine whose clock is set. */
const STEPS = [600, 0, -600];

async function disturb({ dir, durationMs, mark, say }: Stage): Promise<void> {
  for (const seconds of STEPS) {
    await sleep(durationMs / (STEPS.length + 1));
    setClock(dir, seconds);
    mark();
    say(`the clock of the bot is ${seconds} s ahead`);
  }
}

function setClock(dir: string, seconds: number): void {
  writeFileSync(clockFile(dir), `${seconds < 0 ? '' : '+'}${seconds}\n`);
}

function clockFile(dir: string): string {
  return join(dir, 'clock');
}

/** The variant for programs with threads; undefined where libfaketime is not installed. */
function library(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find(existsSync);
}

export const clock: Scenario = {
  name: 'clock',
  title: "the bot's clock is stepped by ten minutes, forth and back",
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
  refuses: false,
  apologises: false,
};
