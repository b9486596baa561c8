// Moves the write-ahead log into the database file from a thread of the driver, not from the bot's own.
import Database from 'libsql/promise';

/** A page that changes often is copied once for all of its changes in this time. */
const EVERY_MS = 500;

/** Pages of the log, 16 MB, at which a commit copies what is left and the log starts over. SQLite's default is 1,000. */
export const LOG_PAGES = 4_000;

export interface Checkpoints {
  /** Begins them; further calls do nothing. */
  start(): void;
  close(): Promise<void>;
}

/**
 * SQLite copies and syncs within a commit: some 15 ms for 1,000 pages, in the thread that answers the platforms. A
 * `PASSIVE` checkpoint of another connection delays no writer, see https://www.sqlite.org/wal.html#ckpt (read 2026-11).
 * They go on while commits fail: a log that has filled the disk makes room for itself.
 */
export function createCheckpoints(filename: string): Checkpoints {
  let connection: Database | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function checkpoint(): Promise<void> {
    try {
      connection ??= new Database(filename, {});
      await connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // A commit meets the same fault at `LOG_PAGES`, and reports it.
    }
  }

  return {
    start() {
      timer ??= setInterval(() => {
        running ??= checkpoint().finally(() => {
          running = undefined;
        });
      }, EVERY_MS).unref();
    },
    async close() {
      clearInterval(timer);
      await running;
      connection?.close();
    },
  };
}
