// Appends to a log file that rotates by renaming. Writes each line before the next.
import { appendFileSync, closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { makeFolder } from '../runtime/make-folder.ts';
import { linesIn } from './lines-in.ts';
import { logFileName } from './log-files.ts';

export interface RotatingFileOptions {
  /** Path that ends in `.log`. */
  path: string;
  /** Maximum size of a file in bytes. */
  maxBytes: number;
  /** Maximum number of files, including the current one. */
  maxFiles: number;
  /** Called at the first failure to write. Lines are lost from then on. */
  onFailure(error: unknown): void;
  /** Called when writing succeeds again. */
  onRecovery(lostLines: number): void;
  clock?: () => number;
}

/** Interval of checks if the file was moved or deleted, and of attempts to reopen it, in milliseconds. */
const CHECK_MS = 1000;

interface OpenFile {
  fd: number;
  size: number;
  inode: number;
}

/** Opens the file for appending. Ends an incomplete last line, which a crash may have left. */
function open(path: string): OpenFile {
  makeFolder(dirname(path));
  const fd = openSync(path, 'a+', 0o640);
  const { size, ino } = fstatSync(fd);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) appendFileSync(fd, '\n');
  return { fd, size, inode: ino };
}

const numbered = (path: string, number: number): string =>
  join(dirname(path), logFileName(basename(path, '.log'), number));

/** Renames each file to the next number. The oldest file is overwritten. */
function rotate(path: string, maxFiles: number): void {
  for (let number = maxFiles - 2; number >= 0; number -= 1) {
    try {
      renameSync(numbered(path, number), numbered(path, number + 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // file system errors always carry a code
    }
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/**
 * Creates a stream of complete lines into the file. A failed write does not end the stream. Lost lines are counted and
 * reported.
 */
export function createRotatingFile(options: RotatingFileOptions): Writable {
  const { path, maxBytes, maxFiles, clock = Date.now } = options;
  let file: OpenFile | undefined;
  let nextCheck = 0;
  let lost = 0;
  let failing = false;

  function close(): void {
    if (file !== undefined) closeSync(file.fd);
    file = undefined;
  }

  /** Returns the file to write to, or `undefined` between attempts to reopen a failed file. */
  function current(bytes: number): OpenFile | undefined {
    const now = clock();
    const due = now >= nextCheck || now < nextCheck - CHECK_MS; // the clock may be set back
    if (due) {
      nextCheck = now + CHECK_MS;
      if (file !== undefined && inodeOf(path) !== file.inode) close();
      file ??= open(path);
    }
    if (file !== undefined && file.size > 0 && file.size + bytes > maxBytes) {
      close();
      rotate(path, maxFiles);
      file = open(path);
    }
    return file;
  }

  function fail(error: unknown): void {
    close();
    if (failing) return;
    failing = true;
    options.onFailure(error);
  }

  function append(chunk: Buffer): void {
    try {
      const target = current(chunk.length);
      if (target === undefined) {
        lost += linesIn(chunk);
        return;
      }
      appendFileSync(target.fd, chunk);
      target.size += chunk.length;
    } catch (error) {
      lost += linesIn(chunk);
      fail(error);
      return;
    }
    if (!failing) return;
    const before = lost;
    failing = false;
    lost = 0;
    options.onRecovery(before);
  }

  try {
    current(0); // reports a file that cannot be written at the start, not at the first line
  } catch (error) {
    fail(error);
  }
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      append(chunk);
      done();
    },
    final(done) {
      close();
      done();
    },
  });
}
