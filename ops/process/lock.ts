// Lets one `up` or `down` at a time work on the same directory.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.ts';
import { processIdentity } from './identity.ts';
import { RUN_DIR } from './run-file.ts';

/** Runs the task while holding the lock of the directory. Fails at once when a living process holds it. */
export async function withLock<T>(dir: string, task: () => Promise<T>): Promise<T> {
  const path = join(dir, RUN_DIR, 'lock');
  mkdirSync(join(dir, RUN_DIR), { recursive: true });
  if (!claim(path)) {
    const holder = readHolder(path);
    if (holder && processIdentity(holder.pid) === holder.identity) {
      throw new Failure(`Another up or down is at work here (pid ${holder.pid}). Wait until it ends, then try again.`);
    }
    rmSync(path, { force: true });
    if (!claim(path)) throw new Failure('Another up or down has just begun here. Wait until it ends, then try again.');
  }
  try {
    return await task();
  } finally {
    rmSync(path, { force: true });
  }
}

function claim(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}\n${processIdentity(process.pid)}`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): { pid: number; identity: string } | undefined {
  try {
    const [pid, identity] = readFileSync(path, 'utf8').split('\n');
    return { pid: Number(pid), identity: identity ?? '' };
  } catch {
    return undefined; // released meanwhile
  }
}
