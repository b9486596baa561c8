// Prepares and checks the file of an SQLite database. Errors name the file and the fix.
import { accessSync, closeSync, constants, existsSync, lstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFolder } from '../../runtime/make-folder.ts';

/** Thrown if the database file cannot be used. The message names the file and the fix. */
export class DatabaseFileError extends Error {
  override name = 'DatabaseFileError';
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Creates the folder and an empty file with mode 0600, because messages are private. SQLite gives the other files of
 * the database the mode of this one. An existing file is not opened. Closing it would release the POSIX locks that
 * SQLite holds on it in this process, see https://www.sqlite.org/howtocorrupt.html (read 2026-11).
 * @throws DatabaseFileError
 */
export function prepareFile(filename: string): void {
  try {
    makeFolder(resolve(dirname(filename)));
    if (!existsSync(filename)) closeSync(openSync(filename, 'a', 0o600));
    requireFile(filename, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw error instanceof DatabaseFileError ? error : fileError(filename, codeOf(error));
  }
}

/** @throws DatabaseFileError unless `filename` is a file that this user may read */
export function requireReadable(filename: string): void {
  try {
    requireFile(filename, constants.R_OK);
  } catch (error) {
    throw error instanceof DatabaseFileError ? error : fileError(filename, codeOf(error));
  }
}

function requireFile(filename: string, mode: number): void {
  const found = statSync(filename);
  if (found.isDirectory()) throw fileError(filename, 'EISDIR');
  // Opening a pipe would block, and a device such as /dev/null stores nothing.
  if (!found.isFile()) throw fileError(filename, 'EINVAL');
  accessSync(filename, mode);
}

/**
 * Returns the file behind a symbolic link. SQLite follows the link and creates its other files beside that file, see
 * https://www.sqlite.org/howtocorrupt.html#_multiple_links_to_the_same_file (read 2026-11).
 */
export function resolveLink(filename: string): string {
  return lstatSync(filename, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(filename) : filename;
}

/**
 * Returns the address for reading without changing any file. The driver ignores its `readonly` option, but SQLite
 * itself evaluates the address. Without a write-ahead log no process is writing, and `immutable` then avoids creating a
 * log with the wrong owner. See https://www.sqlite.org/uri.html (read 2026-11).
 */
export function readOnlyAddress(filename: string): string {
  const file = resolveLink(filename);
  const mode = existsSync(`${file}-wal`) ? 'mode=ro' : 'mode=ro&immutable=1';
  return `${pathToFileURL(resolve(file)).href}?${mode}`;
}

/** Converts an error of SQLite or of opening the file into a `DatabaseFileError`. Returns any other error unchanged. */
export function explainFileError(error: unknown, filename: string): unknown {
  if (error instanceof DatabaseFileError) return error;
  const { message } = error as { message?: unknown };
  const isOpening = typeof message === 'string' && message.includes('Unable to open connection');
  const code = isOpening ? 'SQLITE_CANTOPEN' : codeOf(error);
  const known = Object.keys(FIXES).some((prefix) => code.startsWith(prefix));
  return known ? fileError(filename, code) : error;
}

function fileError(filename: string, code: string): DatabaseFileError {
  const prefix = Object.keys(FIXES).find((each) => code.startsWith(each)) ?? '';
  const [problem, fix] = FIXES[prefix] ?? ['cannot be used', `Check it: ls -l ${filename}`];
  const shown = fix.replaceAll('FILE', filename);
  return new DatabaseFileError(`The database file ${filename} ${problem} (${code}). ${shown}`, code);
}

const DAMAGED = [
  'is damaged or not an SQLite database',
  'Stop the bot, move FILE, FILE-wal and FILE-shm away, put the newest backup at FILE, then start the bot.',
] as const;
const FORBIDDEN = [
  'cannot be accessed by this user',
  'Make the user of the bot the owner of the file and its folder (chown), or correct DATABASE_URL.',
] as const;

/** Problem and fix, by the beginning of the error code. */
const FIXES: Record<string, readonly [problem: string, fix: string]> = {
  SQLITE_NOTADB: DAMAGED,
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_CANTOPEN: ['cannot be opened', 'Check the permissions of the file and its folder: ls -ld FILE*'],
  SQLITE_READONLY: ['is not writable', 'Make the user of the bot the owner of the file and its folder (chown).'],
  SQLITE_FULL: ['cannot grow: its disk is full', 'Free space on the disk: df -h'],
  SQLITE_IOERR: ['cannot be read or written', 'Check the disk: df -h; dmesg'],
  SQLITE_BUSY: ['is locked by another process', 'End that process: fuser -v FILE'],
  EISDIR: ['is a folder', 'Name a file in DATABASE_URL, such as sqlite:data/bot.db.'],
  EINVAL: ['is a pipe or device, not a file', 'Name a file in DATABASE_URL, such as sqlite:data/bot.db.'],
  ENOENT: ['cannot be created: its folder cannot exist', 'Correct DATABASE_URL, such as sqlite:data/bot.db.'],
  ENOTDIR: ['cannot be created: its folder is a file', 'Correct DATABASE_URL, such as sqlite:data/bot.db.'],
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: ['is on a read-only file system', 'Mount it writable, or correct DATABASE_URL.'],
  ENOSPC: ['cannot be created: the disk is full', 'Free space on the disk: df -h'],
};

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'UNKNOWN';
}
