// The disk that holds the bot's data is full for a while, and has room again.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Scenario, Stage } from '../scenario.ts';

const MOUNT = ['mount', '-t', 'tmpfs', '-o', 'size=32m,mode=777', 'tmpfs'];

async function disturb({ dir, ledger, durationMs, mark, say }: Stage): Promise<void> {
  await sleep(durationMs / 3);
  const filler = join(dir, 'data', 'filler');
  const refusals = ledger.refusals();
  fill(filler);
  say('the disk is full');
  await waitUntil('a callback is refused while the disk is full', () => ledger.refusals() > refusals);
  // What the bot frees, somebody else takes.
  const end = Date.now() + durationMs / 3;
  while (Date.now() < end) {
    fill(filler);
    await sleep(100);
  }
  rmSync(filler);
  mark();
  say('the disk has room again');
}

function fill(file: string): void {
  for (const bytes of [1_048_576, 4_096]) while (takes(file, bytes));
}

function takes(file: string, bytes: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch (error) {
    // Under jest it is no instance of this realm's Error.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

function asRoot(...words: string[]) {
  const [program = '', ...args] = process.getuid?.() === 0 ? words : ['sudo', '-n', ...words];
  return spawnMarkedSync(program, args);
}

export const diskFull: Scenario = {
  name: 'disk-full',
  title: 'the disk of the data is full for a while',
  databases: ['sqlite'],
  full: { messages: 1200, perSecond: 20, times: 1, compress: 240, settleMs: 120_000 },
  short: { messages: 150, perSecond: 25, times: 1, compress: 600, settleMs: PATIENCE_MS },
  missing: () =>
    asRoot('unshare', '--mount', ...MOUNT, '/mnt').status === 0
      ? undefined
      : 'this user may not mount a small disk (root may)',
  async prepare(dir) {
    const data = join(dir, 'data');
    const { status, stderr } = asRoot(...MOUNT, data);
    if (status !== 0) throw new Error(`The small disk could not be mounted: ${stderr}`);
    const unmount = () => void asRoot('umount', '--lazy', data);
    process.once('exit', unmount);
    return async () => {
      process.off('exit', unmount);
      unmount();
    };
  },
  disturb,
  refuses: true,
  apologises: false,
};
