// One bot per SQLite file: the lock ends with its process, whatever ends the process.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { DatabaseFileError, explainFileError } from './file.ts';
import { isBusy } from './transaction.ts';

/** Milliseconds given to an earlier bot that is just ending. */
const WAIT_MS = 1_000;
const LOOK_AGAIN_MS = 50;

export interface OwnerLock {
  release(): void;
}

/**
 * Takes the file for this process. The lock is an exclusive transaction on a small database beside the file, so the
 * kernel ends it with the process; the text beside it only names the owner. Commands of `ops` do not need it.
 * @throws DatabaseFileError with pid, host and start of the owner
 */
export async function lockForBot(filename: string): Promise<OwnerLock> {
  const file = `${filename}.bot-lock`;
  const lock = open(file);
  try {
    await acquire(lock, filename);
  } catch (error) {
    lock.close();
    throw explainFileError(error, file);
  }
  replaceNote(filename, `pid ${process.pid} on host ${hostname()} since ${new Date().toISOString()}\n`);
  return {
    release() {
      replaceNote(filename);
      lock.close();
    },
  };
}

function open(file: string): Database.Database {
  try {
    return new Database(file);
  } catch (error) {
    throw explainFileError(error, file);
  }
}

/** The note of a killed bot may belong to another user. Without a note the lock holds all the same. */
function replaceNote(filename: string, text?: string): void {
  const note = noteOf(filename);
  try {
    rmSync(note, { force: true });
    if (text !== undefined) writeFileSync(note, text, { mode: 0o600 });
  } catch {
    // as when the disk is full
  }
}

async function acquire(lock: Database.Database, filename: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'); // no journal file
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() > deadline) throw taken(filename);
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

function taken(filename: string): DatabaseFileError {
  const fix = 'One bot at a time uses an SQLite file: stop that one, or give this one a DATABASE_URL of its own.';
  return new DatabaseFileError(
    `The database file ${filename} belongs to another bot: ${ownerOf(filename)}. ${fix}`,
    'EBUSY',
  );
}

const noteOf = (filename: string) => `${filename}.bot-owner`;

function ownerOf(filename: string): string {
  try {
    return readFileSync(noteOf(filename), 'utf8').trim();
  } catch {
    return 'its name is not written yet';
  }
}
