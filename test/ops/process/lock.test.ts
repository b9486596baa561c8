// Allows one up or down at a time.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withLock } from '../../../ops/process/lock.ts';
import { temporaryFolder } from './stand-in.ts';

test('rejects a second task while the first one runs, and accepts it afterwards', async () => {
  const dir = temporaryFolder();
  await withLock(dir, async () => {
    await expect(withLock(dir, async () => 'in')).rejects.toThrow(
      `running here (pid ${process.pid}). Wait until it ends`,
    );
  });
  expect(await withLock(dir, async () => 'in')).toBe('in');
});

test('releases the lock if the task fails', async () => {
  const dir = temporaryFolder();
  await expect(withLock(dir, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(existsSync(join(dir, 'data/run/lock'))).toBe(false);
});

test.each(['4194303\nwas another boot', '', `${process.pid}\nanother process`])(
  'replaces a lock that a dead process left (%j)',
  async (text) => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'data/run'), { recursive: true });
    writeFileSync(join(dir, 'data/run/lock'), text);
    expect(await withLock(dir, async () => 'in')).toBe('in');
  },
);

test('lets another user read the holder, with any umask', async () => {
  const dir = temporaryFolder();
  const before = process.umask(0o077);
  try {
    const mode = await withLock(dir, async () => statSync(join(dir, 'data/run/lock')).mode & 0o777);
    expect(mode.toString(8)).toBe('644');
  } finally {
    process.umask(before);
  }
});

test('does not replace a lock that cannot be read', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/run/lock'), { recursive: true });
  await expect(withLock(dir, async () => 'in')).rejects.toThrow('EISDIR');
  expect(existsSync(join(dir, 'data/run/lock'))).toBe(true);
});
