// Stores records of background processes privately, and checks them against the running processes.

import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runningProfile } from '../../../ops/installation/profile-file.ts';
import { processIdentity } from '../../../ops/process/identity.ts';
import { deleteRun, findRunning, type Run, readRun, writeRun } from '../../../ops/process/run-file.ts';
import { temporaryFolder } from './stand-in.ts';

const mine: Run = {
  name: 'bot',
  pid: process.pid,
  identity: processIdentity(process.pid) ?? '',
  startedAt: '2026-11-22T09:00:00.000Z',
  command: 'node bot',
  listens: [{ host: '127.0.0.1', port: 1, setting: 'PORT' }],
  readyUrl: 'http://127.0.0.1:1/readyz',
  fingerprints: { PORT: 'abc' },
  graceMs: 1000,
};

test('reads a record back as written, and only its owner may read it', () => {
  const dir = temporaryFolder();
  writeRun(dir, mine);
  expect(findRunning(dir, 'bot')).toEqual(mine);
  expect(statSync(join(dir, 'data/run/bot.json')).mode & 0o777).toBe(0o600);
  deleteRun(dir, 'bot');
  expect(readRun(dir, 'bot')).toBeUndefined();
});

test.each([
  ['another process has the pid now', { identity: 'another boot 123' }],
  ['the process has ended', { pid: 2 ** 22 - 1 }],
])('finds no running process if %s', (_, change) => {
  const dir = temporaryFolder();
  writeRun(dir, { ...mine, ...change });
  expect(findRunning(dir, 'bot')).toBeUndefined();
  expect(readRun(dir, 'bot')).toEqual({ ...mine, ...change });
});

test.each(['', '{"name": "bo', '{"name": "bot", "pid": -1}', '[]'])(
  'returns no record for a damaged file: %j',
  (text) => {
    const dir = temporaryFolder();
    writeRun(dir, mine);
    writeFileSync(join(dir, 'data/run/bot.json'), text);
    expect(readRun(dir, 'bot')).toBeUndefined();
  },
);

test('throws if this user may not read the record', () => {
  const dir = temporaryFolder();
  writeRun(dir, mine);
  chmodSync(join(dir, 'data/run/bot.json'), 0);
  const isRoot = process.geteuid?.() === 0;
  // The user nobody (uid 65534) may not read the file.
  if (isRoot) process.seteuid?.(65_534);
  try {
    expect(() => findRunning(dir, 'bot')).toThrow('EACCES');
    expect(() => runningProfile(dir)).toThrow('EACCES');
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
