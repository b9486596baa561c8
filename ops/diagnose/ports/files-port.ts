// Reads disk space and memory from the system, and tests whether a folder is writable.
import { constants } from 'node:fs';
import { access, open, readFile, stat, statfs, unlink } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { plainError } from '../../process/plain-error.ts';
import type { FilesPort } from './ports.ts';

/** Creates the port to the file system of this machine. */
export function createFilesPort(): FilesPort {
  return {
    async space(path) {
      const existing = await nearestExisting(resolve(path));
      const { bavail, blocks, bsize } = await statfs(existing);
      return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
    tryWrite,
    memory,
    owner: async (path) => (await stat(await nearestExisting(resolve(path)))).uid,
    userName,
  };
}

async function nearestExisting(path: string): Promise<string> {
  const found = await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
  return found || dirname(path) === path ? path : await nearestExisting(dirname(path));
}

/**
 * Writes and removes a small file, because a file system with free bytes may still reject writes: no inodes, read-only,
 * wrong owner, a quota.
 */
async function tryWrite(dir: string): Promise<string | null> {
  const path = join(dir, `.diagnose-${process.pid}`);
  try {
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile('x'.repeat(4096));
      await file.sync();
    } finally {
      await file.close();
      await unlink(path);
    }
    return null;
  } catch (error) {
    const { code } = plainError(error);
    // A missing folder is no fault, because the bot creates it when it starts.
    return code === 'ENOENT' ? null : code;
  }
}

/**
 * Reads MemAvailable, which includes reclaimable caches. `freemem` does not include them and would cause false alarms.
 */
async function memory(): Promise<{ availableBytes: number; totalBytes: number }> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  const totalBytes = totalmem();
  return { totalBytes, availableBytes: available === undefined ? freemem() : Number(available) * 1024 };
}

async function userName(id: number): Promise<string> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return new RegExp(`^([^:]+):[^:]*:${id}:`, 'm').exec(users)?.[1] ?? String(id);
}
