// Locks an SQLite file for one bot. The lock ends with the process, also after a crash.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { DatabaseFileError, explainFileError } from './file.ts';
import { isBusy } from './transaction.ts';

/** Milliseconds to wait for an earlier bot that is shutting down. */
const WAIT_MS = 1_000;
const RETRY_INTERVAL_MS = 50;

export interface OwnerLock {
  release(): void;
}

/**
 * Locks the file for this process. The lock is an exclusive transaction on a small database beside the file, so the
 * kernel releases it with the process. A text file beside it names the owner. Commands of `ops` do not need the lock.
 * @throws DatabaseFileError with pid, host and start time of the owner
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
  replaceOwnerFile(filename, `pid ${process.pid} on host ${hostname()} since ${new Date().toISOString()}\n`);
  return {
    release() {
      replaceOwnerFile(filename);
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

/**
 * Replaces or deletes the file that names the owner. Failures are ignored, because the lock works without that file.
 */
function replaceOwnerFile(filename: string, text?: string): void {
  const ownerFile = ownerFileOf(filename);
  try {
    rmSync(ownerFile, { force: true });
    if (text !== undefined) writeFileSync(ownerFile, text, { mode: 0o600 });
  } catch {
    // The disk may be full, or the file of a killed bot may belong to another user.
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
      if (Date.now() > deadline) throw lockedError(filename);
    }
    await sleep(RETRY_INTERVAL_MS);
  }
}

function lockedError(filename: string): DatabaseFileError {
  const fix = 'Only one bot may use an SQLite file: stop the other bot, or set a different DATABASE_URL.';
  return new DatabaseFileError(
    `The database file ${filename} belongs to another bot: ${ownerOf(filename)}. ${fix}`,
    'EBUSY',
  );
}

const ownerFileOf = (filename: string) => `${filename}.bot-owner`;

function ownerOf(filename: string): string {
  try {
    return readFileSync(ownerFileOf(filename), 'utf8').trim();
  } catch {
    return 'the owner is not recorded yet';
  }
}
