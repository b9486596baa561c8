// Allows one `up` or `down` at a time per directory.

import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import { errorCode } from './error-code.ts';
import { processIdentity } from './identity.ts';
import { RUN_DIR } from './run-file.ts';

/**
 * Runs the task while holding the lock of the directory.
 * @throws CommandError at once if a living process holds the lock
 */
export async function withLock<T>(dir: string, task: () => Promise<T>): Promise<T> {
  const path = join(dir, RUN_DIR, 'lock');
  mkdirSync(join(dir, RUN_DIR), { recursive: true });
  if (!claim(path)) {
    const holder = readHolder(path);
    if (holder && processIdentity(holder.pid) === holder.identity) {
      throw new CommandError(
        `Another up or down is running here (pid ${holder.pid}). Wait until it ends, then try again.`,
      );
    }
    rmSync(path, { force: true });
    if (!claim(path))
      throw new CommandError('Another up or down has just started here. Wait until it ends, then try again.');
  }
  try {
    return await task();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Returns false if the lock is held. The link appears together with its contents, so no process can read a half-written
 * lock.
 */
function claim(path: string): boolean {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${process.pid}\n${processIdentity(process.pid)}`);
  chmodSync(draft, 0o644); // another user must be able to read the holder, as with `sudo make up`
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * Returns the holder, or undefined if the lock was released in the meantime.
 * @throws the system's error if the lock cannot be read, because an unreadable lock is still held
 */
function readHolder(path: string): { pid: number; identity: string } | undefined {
  try {
    const [pid, identity] = readFileSync(path, 'utf8').split('\n');
    return { pid: Number(pid), identity: identity ?? '' };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined; // released in the meantime
    throw error;
  }
}
