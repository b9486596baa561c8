// One up or down at a time.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withLock } from '../../../ops/process/lock.ts';
import { temporaryFolder } from './stand-in.ts';

test('a second one is refused while the first works, and let in afterwards', async () => {
  const dir = temporaryFolder();
  await withLock(dir, async () => {
    await expect(withLock(dir, async () => 'in')).rejects.toThrow(
      `at work here (pid ${process.pid}). Wait until it ends`,
    );
  });
  expect(await withLock(dir, async () => 'in')).toBe('in');
});

test('is released when the task fails', async () => {
  const dir = temporaryFolder();
  await expect(withLock(dir, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(existsSync(join(dir, 'data/run/lock'))).toBe(false);
});

test.each(['4194303\nwas another boot', '', `${process.pid}\nanother process`])(
  'a lock left by a dead process (%j) is taken over',
  async (text) => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'data/run'), { recursive: true });
    writeFileSync(join(dir, 'data/run/lock'), text);
    expect(await withLock(dir, async () => 'in')).toBe('in');
  },
);

test('another user can read who holds it, whatever the umask', async () => {
  const dir = temporaryFolder();
  const before = process.umask(0o077);
  try {
    const mode = await withLock(dir, async () => statSync(join(dir, 'data/run/lock')).mode & 0o777);
    expect(mode.toString(8)).toBe('644');
  } finally {
    process.umask(before);
  }
});

test('a lock that cannot be read is not taken over', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/run/lock'), { recursive: true });
  await expect(withLock(dir, async () => 'in')).rejects.toThrow('EISDIR');
  expect(existsSync(join(dir, 'data/run/lock'))).toBe(true);
});
