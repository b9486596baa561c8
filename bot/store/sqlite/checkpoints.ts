// Copies the write-ahead log into the database file in a thread of the driver instead of the bot's thread.
import Database from 'libsql/promise';

/** Milliseconds between two checkpoints. A page that changed several times in between is copied once. */
export const CHECKPOINT_INTERVAL_MS = 500;

/**
 * Pages of the log (16 MB) at which a commit copies the remaining pages and the log starts over. SQLite's default is
 * 1,000, see https://www.sqlite.org/pragma.html (read 2026-11).
 */
export const LOG_PAGES = 4_000;

export interface Checkpoints {
  /** Starts the checkpoints. Further calls do nothing. */
  start(): void;
  close(): Promise<void>;
}

/**
 * Creates checkpoints on a second connection. Within a commit, SQLite needs about 15 ms to copy and sync 1,000 pages,
 * in the thread that acknowledges callbacks. A `PASSIVE` checkpoint of another connection delays no writer, see
 * https://www.sqlite.org/wal.html#ckpt (read 2026-11). Checkpoints continue while commits fail, so that a log that
 * filled the disk can start over.
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
      // Ignored, because a commit that reaches `LOG_PAGES` fails in the same manner and reports it.
    }
  }

  return {
    start() {
      timer ??= setInterval(() => {
        running ??= checkpoint().finally(() => {
          running = undefined;
        });
      }, CHECKPOINT_INTERVAL_MS).unref();
    },
    async close() {
      clearInterval(timer);
      await running;
      connection?.close();
    },
  };
}
