// Lets one `up` or `down` at a time work on the same directory.

import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import { errorCode } from './error-code.ts';
import { processIdentity } from './identity.ts';
import { RUN_DIR } from './run-file.ts';

/** Runs the task while holding the lock of the directory. Fails at once when a living process holds it. */
export async function withLock<T>(dir: string, task: () => Promise<T>): Promise<T> {
  const path = join(dir, RUN_DIR, 'lock');
  mkdirSync(join(dir, RUN_DIR), { recursive: true });
  if (!claim(path)) {
    const holder = readHolder(path);
    if (holder && processIdentity(holder.pid) === holder.identity) {
      throw new CommandError(
        `Another up or down is at work here (pid ${holder.pid}). Wait until it ends, then try again.`,
      );
    }
    rmSync(path, { force: true });
    if (!claim(path))
      throw new CommandError('Another up or down has just begun here. Wait until it ends, then try again.');
  }
  try {
    return await task();
  } finally {
    rmSync(path, { force: true });
  }
}

/** False when the lock is held. A link appears with its contents, so nobody can read a lock half written. */
function claim(path: string): boolean {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${process.pid}\n${processIdentity(process.pid)}`);
  chmodSync(draft, 0o644); // another user must see that it is held, as with `sudo make up`
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

/** @throws the error of the system: a lock that cannot be read is not a lock of nobody */
function readHolder(path: string): { pid: number; identity: string } | undefined {
  try {
    const [pid, identity] = readFileSync(path, 'utf8').split('\n');
    return { pid: Number(pid), identity: identity ?? '' };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined; // released meanwhile
    throw error;
  }
}
