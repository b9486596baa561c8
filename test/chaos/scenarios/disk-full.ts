// Fills the disk of the bot's data for a while, then frees the space.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../../support/patience.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { DisturbanceContext, Scenario } from '../scenario.ts';

const MOUNT = ['mount', '-t', 'tmpfs', '-o', 'size=32m,mode=777', 'tmpfs'];

async function disturb({ dir, ledger, durationMs, startRecovery, log }: DisturbanceContext): Promise<void> {
  await sleep(durationMs / 3);
  const filler = join(dir, 'data', 'filler');
  const rejections = ledger.rejections();
  fill(filler);
  log('the disk is full');
  await waitUntil('a callback is rejected while the disk is full', () => ledger.rejections() > rejections);
  // Fill again: the bot itself may free space.
  const end = Date.now() + durationMs / 3;
  while (Date.now() < end) {
    fill(filler);
    await sleep(100);
  }
  rmSync(filler);
  startRecovery();
  log('the disk has free space again');
}

function fill(file: string): void {
  for (const bytes of [1_048_576, 4_096]) while (append(file, bytes));
}

/** Returns false if the disk is full. */
function append(file: string, bytes: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch (error) {
    // Under jest the error is no instance of this realm's Error.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

function asRoot(...command: string[]) {
  const [program = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
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
  rejectsCallbacks: true,
  apologises: false,
};
