// The file of an SQLite database: its folder, its mode, and errors that name it and the fix.
import { accessSync, closeSync, constants, existsSync, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFolder } from '../../runtime/make-folder.ts';

/** The database file cannot be used. The message names the file and the fix. */
export class DatabaseFileError extends Error {
  override name = 'DatabaseFileError';
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Makes the folder and an empty file with mode 0600, because messages are private. SQLite gives the other files of the
 * database the mode of this one. An existing file is not opened: closing it would end the POSIX locks that SQLite
 * holds on it in this process, see https://www.sqlite.org/howtocorrupt.html (read 2026-11).
 * @throws DatabaseFileError
 */
export function prepareFile(filename: string): void {
  try {
    makeFolder(resolve(dirname(filename)));
    if (!existsSync(filename)) closeSync(openSync(filename, 'a', 0o600));
    requireFile(filename, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw error instanceof DatabaseFileError ? error : unusable(filename, codeOf(error));
  }
}

/** @throws DatabaseFileError unless `filename` is a file that this user may read */
export function requireReadable(filename: string): void {
  try {
    requireFile(filename, constants.R_OK);
  } catch (error) {
    throw error instanceof DatabaseFileError ? error : unusable(filename, codeOf(error));
  }
}

function requireFile(filename: string, mode: number): void {
  const found = statSync(filename);
  if (found.isDirectory()) throw unusable(filename, 'EISDIR');
  // Opening a pipe waits for ever, and a device such as /dev/null keeps nothing.
  if (!found.isFile()) throw unusable(filename, 'EINVAL');
  accessSync(filename, mode);
}

/**
 * Returns the file behind a symbolic link. SQLite follows the link and puts its other files beside that file, see
 * https://www.sqlite.org/howtocorrupt.html#_multiple_links_to_the_same_file (read 2026-11).
 */
export function behindLink(filename: string): string {
  return lstatSync(filename, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(filename) : filename;
}

/**
 * Address for reading without a trace. The driver ignores its `readonly` option; SQLite itself honours the address.
 * Without a write-ahead log nothing is being written, and `immutable` avoids creating a log of the wrong owner.
 * See https://www.sqlite.org/uri.html (read 2026-11).
 */
export function readOnlyAddress(filename: string): string {
  const file = behindLink(filename);
  const mode = existsSync(`${file}-wal`) ? 'mode=ro' : 'mode=ro&immutable=1';
  return `${pathToFileURL(resolve(file)).href}?${mode}`;
}

/** An error of SQLite or of opening the file as one that names the file; any other error unchanged. */
export function explainFileError(error: unknown, filename: string): unknown {
  if (error instanceof DatabaseFileError) return error;
  const { message } = error as { message?: unknown };
  const isOpening = typeof message === 'string' && message.includes('Unable to open connection');
  const code = isOpening ? 'SQLITE_CANTOPEN' : codeOf(error);
  const known = Object.keys(FIXES).some((prefix) => code.startsWith(prefix));
  return known ? unusable(filename, code) : error;
}

function unusable(filename: string, code: string): DatabaseFileError {
  const prefix = Object.keys(FIXES).find((each) => code.startsWith(each)) ?? '';
  const [what, fix] = FIXES[prefix] ?? ['cannot be used', `Look at it: ls -l ${filename}`];
  const shown = fix.replaceAll('FILE', filename);
  return new DatabaseFileError(`The database file ${filename} ${what} (${code}). ${shown}`, code);
}

const DAMAGED = [
  'is damaged or no SQLite database',
  'Stop the bot, move FILE, FILE-wal and FILE-shm away, put the newest backup at FILE, then start the bot.',
] as const;
const FORBIDDEN = [
  'may not be used by this user',
  'Give it and its folder to the user of the bot (chown), or correct DATABASE_URL.',
] as const;

/** What is wrong and what fixes it, by the beginning of the code. */
const FIXES: Record<string, readonly [what: string, fix: string]> = {
  SQLITE_NOTADB: DAMAGED,
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_CANTOPEN: ['cannot be opened', 'See who may read and write it and its folder: ls -ld FILE*'],
  SQLITE_READONLY: ['may not be written', 'Give it and its folder to the user of the bot (chown).'],
  SQLITE_FULL: ['cannot grow: its disk is full', 'Make room on its disk: df -h'],
  SQLITE_IOERR: ['cannot be read or written', 'Look at its disk: df -h; dmesg'],
  SQLITE_BUSY: ['is locked by another process', 'End that process: fuser -v FILE'],
  EISDIR: ['is a folder', 'Name a file in DATABASE_URL, such as sqlite:data/bot.db.'],
  EINVAL: ['is a pipe or device, not a file', 'Name a file in DATABASE_URL, such as sqlite:data/bot.db.'],
  ENOENT: ['cannot be made: its folder cannot exist', 'Correct DATABASE_URL, such as sqlite:data/bot.db.'],
  ENOTDIR: ['cannot be made: its folder is a file', 'Correct DATABASE_URL, such as sqlite:data/bot.db.'],
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: ['lies on a read-only file system', 'Correct DATABASE_URL, or mount it writable.'],
  ENOSPC: ['cannot be made: the disk is full', 'Make room on its disk: df -h'],
};

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'UNKNOWN';
}
