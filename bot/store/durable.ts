// Makes SQLite's latest commits survive a power cut, without stopping the bot's thread for the disk.
import { type FileHandle, open } from 'node:fs/promises';
import { createCheckpoints } from './sqlite/checkpoints.ts';

export interface Durability {
  /** Resolves when everything committed before the call is on the disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/**
 * SQLite in WAL mode with `synchronous = NORMAL` leaves its log to the operating system: a crash of the process
 * loses nothing, a power cut may lose the last commits. `FULL` would sync the log at every commit, in the thread
 * that also answers the platforms. This syncs the same file from a thread of its own, where it is needed: before
 * a callback is acknowledged. The log keeps its file as long as the database is open.
 */
export function createSqliteDurability(filename: string): Durability {
  const checkpoints = createCheckpoints(filename);
  let log: Promise<FileHandle> | undefined;
  /** What could not be opened now, as when there are too many open files, is tried again the next time. */
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
