// Creates a folder and its parents.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Creates one folder at a time, because `mkdirSync` with `recursive` never returns below /proc, see
 * https://github.com/nodejs/node/issues/31481 (read 2026-11).
 * @throws the error of the system, with its code
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process created it
  }
}
