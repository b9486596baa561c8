// Moves the write-ahead log into the database file from a thread of the driver, not from the bot's own.
import Database from 'libsql/promise';

/** Pause between two checkpoints, in milliseconds. A page that changes often is copied once for all of its changes. */
const REST_MS = 1_000;

/** Pages of the log, 32 MB, at which a commit copies what is left, and the log begins anew. SQLite's default is 1,000. */
export const LOG_PAGES = 8_000;

export interface Checkpoints {
  /** Begins a checkpoint in the background, unless there was one within the last second. */
  request(): void;
  close(): Promise<void>;
}

/**
 * SQLite copies and syncs within a commit: some 15 ms for 1,000 pages, in the thread that answers the platforms. A
 * `PASSIVE` checkpoint of another connection delays no writer, see https://www.sqlite.org/wal.html#ckpt (read 2026-11).
 */
export function createCheckpoints(filename: string): Checkpoints {
  let connection: Database | undefined;
  let running: Promise<void> | undefined;
  let restedAt = 0;

  async function checkpoint(): Promise<void> {
    try {
      connection ??= new Database(filename, {});
      await connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // A commit meets the same fault at `LOG_PAGES`, and reports it.
    }
    restedAt = performance.now() + REST_MS;
    running = undefined;
  }

  return {
    request() {
      if (running === undefined && performance.now() >= restedAt) running = checkpoint();
    },
    async close() {
      await running;
      connection?.close();
    },
  };
}
