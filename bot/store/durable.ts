// Syncs SQLite's latest commits to the disk, so that they survive a power cut, without blocking the bot's thread.
import { type FileHandle, open } from 'node:fs/promises';
import { createCheckpoints } from './sqlite/checkpoints.ts';

export interface Durability {
  /** Resolves when every commit before the call is on the disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * In WAL mode with `synchronous = NORMAL`, SQLite leaves its log to the operating system. A crash of the process loses
 * nothing, but a power cut may lose the last commits. `FULL` would sync the log at every commit, in the thread that
 * also acknowledges callbacks. See https://www.sqlite.org/pragma.html (read 2026-11). `flush` syncs the same file in
 * another thread, and only before a callback is acknowledged. The log keeps its file as long as the database is open.
 */
export function createSqliteDurability(filename: string): Durability {
  const checkpoints = createCheckpoints(filename);
  let log: Promise<FileHandle> | undefined;
  /** Opens the log once. After a failure, such as too many open files, the next call tries again. */
  async function openLog(): Promise<FileHandle> {
    log ??= open(`${filename}-wal`, 'r+');
    try {
      return await log;
    } catch (error) {
      log = undefined;
      throw error;
    }
  }
  return {
    async flush() {
      checkpoints.start();
      await (await openLog()).datasync();
    },
    async close() {
      await checkpoints.close();
      await (await log)?.close();
    },
  };
}
