// Log files on a real disk: rotation, moved files, failures and recovery.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from '@jest/globals';
import { createRotatingFile } from '../../../bot/telemetry/rotating-file.ts';

function setup({ maxBytes = 1000, name = 'app.log' } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'rotate-'));
  const path = join(dir, name);
  const events: unknown[] = [];
  const time = { now: 1_000_000 };
  const start = () =>
    createRotatingFile({
      path,
      maxBytes,
      maxFiles: 3,
      onFailure: (error) => events.push((error as NodeJS.ErrnoException).code), // file system errors carry a code
      onRecovery: (lost) => events.push(lost),
      clock: () => time.now,
    });
  const files = () =>
    Object.fromEntries(
      readdirSync(dir)
        .sort()
        .map((file) => [file, readFileSync(join(dir, file), 'utf8')]),
    );
  return { dir, path, events, time, start, files };
}

test('keeps the given number of files, the newest without a number, and splits no line', () => {
  const { start, files } = setup({ maxBytes: 10 });
  const file = start();
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'a line longer than a file\n', 'six\n'])
    file.write(line);
  expect(files()).toEqual({
    'app.log': 'six\n',
    'app.1.log': 'a line longer than a file\n',
    'app.2.log': 'four\nfive\n',
  });
});

test('appends to the file of the last process, after ending its incomplete line', async () => {
  const { start, files, path } = setup();
  writeFileSync(path, 'complete\npartial');
  const file = start();
  file.end('next\n');
  await finished(file);
  expect(files()).toEqual({ 'app.log': 'complete\npartial\nnext\n' });
});

test.each([
  ['moved away', (path: string) => renameSync(path, `${path}.1`), { 'app.log': 'two\n', 'app.log.1': 'one\n' }],
  ['deleted', (path: string) => rmSync(path), { 'app.log': 'two\n' }],
])('begins a new file after the old one was %s', (_name, change, expected) => {
  const { start, files, path, time } = setup();
  const file = start();
  file.write('one\n');
  change(path);
  time.now += 1000;
  file.write('two\n');
  expect(files()).toEqual(expected);
});

test('a missing folder is reported once, and writing continues within a second after it appears', () => {
  const { dir, start, files, events, time } = setup({ name: 'log/app.log' });
  writeFileSync(join(dir, 'log'), '');
  const file = start();
  for (const line of ['one\n', 'two\n', 'three\n']) file.write(line);
  rmSync(join(dir, 'log'));
  mkdirSync(join(dir, 'log'));
  file.write('four, too early\n');
  time.now += 1000;
  file.write('five\n');
  file.write('six\n');
  expect(events).toEqual(['ENOTDIR', 4]);
  expect(readFileSync(join(dir, 'log/app.log'), 'utf8')).toBe('five\nsix\n');
  rmSync(join(dir, 'log'), { recursive: true });
  expect(files()).toEqual({});
});

test('a folder that cannot be created is reported without an endless wait', () => {
  const events: unknown[] = [];
  const file = createRotatingFile({
    path: '/proc/nope/log/app.log',
    maxBytes: 1000,
    maxFiles: 3,
    onFailure: (error) => events.push((error as NodeJS.ErrnoException).code),
    onRecovery: (lost) => events.push(lost),
  });
  file.write('one\n');
  expect(events).toEqual(['ENOENT']);
});

test('a full disk loses lines and is reported once', () => {
  const { path, start, events } = setup();
  symlinkSync('/dev/full', path);
  const file = start();
  file.write('one\n');
  file.write('two\n');
  expect(events).toEqual(['ENOSPC']);
  expect(file.writable).toBe(true);
});
