// Runs write transactions of SQLite. Retries to begin one while another process writes, and never leaves one open.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteConnection } from './statements.ts';

/** Maximum milliseconds that a connection waits for another one. */
export const BUSY_WAIT_MS = 5_000;

/** Milliseconds that SQLite itself waits, blocking this thread. Longer waits are pauses between attempts. */
export const BUSY_TIMEOUT_MS = 10;

const LONGEST_PAUSE_MS = 40;

/**
 * Runs `work` again while another process locks the file.
 * @throws the error of the last attempt if the file stays locked for `waitMs` milliseconds
 */
export async function retryWhileBusy<T>(work: () => T | Promise<T>, waitMs = BUSY_WAIT_MS): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(pause * (0.5 + Math.random()));
  }
}

/**
 * Begins a write transaction. A deferred one that reads first fails for good if another process writes in between
 * (`SQLITE_BUSY_SNAPSHOT`), see https://www.sqlite.org/isolation.html (read 2026-11). Uses `exec`, which ends its
 * statement. libsql does not reset a prepared statement that failed with `SQLITE_BUSY`: that statement stays active,
 * keeps its locks, and makes every later COMMIT of the connection fail.
 */
export function beginImmediate(connection: SqliteConnection): Promise<void> {
  return retryWhileBusy(() => connection.exec('BEGIN IMMEDIATE'));
}

/** Runs `work` in its own write transaction. */
export async function inWriteTransaction<T>(connection: SqliteConnection, work: () => T | Promise<T>): Promise<T> {
  await beginImmediate(connection);
  try {
    const result = await work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

export function rollBack(connection: SqliteConnection): void {
  try {
    if (connection.inTransaction) connection.exec('ROLLBACK');
  } catch {
    connection.inDoubt = true;
  }
}

export function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('SQLITE_BUSY');
}
