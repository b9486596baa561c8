// Removes the rights of other users from files that hold secrets or personal data.
import { chmodSync, statSync } from 'node:fs';
import { errorCode } from './error-code.ts';

const OTHERS = 0o077;

/**
 * Sets mode 0600 on files that group or others may access, and reports each changed file. Skips missing files, folders
 * and devices: mode 0600 would close a folder for its owner, and a device such as /dev/null for every user.
 */
export function keepPrivate(paths: readonly string[], report: (text: string) => void): void {
  for (const path of paths) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile() || (found.mode & OTHERS) === 0) continue;
    const { mode } = found;
    const was = (mode & 0o777).toString(8).padStart(4, '0');
    try {
      chmodSync(path, 0o600);
      report(`${path} was readable for other users of this machine (mode ${was}). Its mode is now 0600.`);
    } catch (error) {
      const problem = `${path} is readable for other users of this machine (mode ${was}) and cannot be changed`;
      report(`${problem} (${errorCode(error)}). Fix: sudo chmod 600 ${path}`);
    }
  }
}
