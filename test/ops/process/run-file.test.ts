// Records of background processes: private, whole, and never believed against the facts.

import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runningProfile } from '../../../ops/installation/profile-file.ts';
import { processIdentity } from '../../../ops/process/identity.ts';
import { findRunning, forgetRun, type Run, readRun, writeRun } from '../../../ops/process/run-file.ts';
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

test('is read back as written, and only its owner may read it', () => {
  const dir = temporaryFolder();
  writeRun(dir, mine);
  expect(findRunning(dir, 'bot')).toEqual(mine);
  expect(statSync(join(dir, 'data/run/bot.json')).mode & 0o777).toBe(0o600);
  forgetRun(dir, 'bot');
  expect(readRun(dir, 'bot')).toBeUndefined();
});

test.each([
  ['another process has the pid now', { identity: 'another boot 123' }],
  ['the process has ended', { pid: 2 ** 22 - 1 }],
])('is not running when %s', (_, change) => {
  const dir = temporaryFolder();
  writeRun(dir, { ...mine, ...change });
  expect(findRunning(dir, 'bot')).toBeUndefined();
  expect(readRun(dir, 'bot')).toEqual({ ...mine, ...change });
});

test.each(['', '{"name": "bo', '{"name": "bot", "pid": -1}', '[]'])('a damaged record %j counts as none', (text) => {
  const dir = temporaryFolder();
  writeRun(dir, mine);
  writeFileSync(join(dir, 'data/run/bot.json'), text);
  expect(readRun(dir, 'bot')).toBeUndefined();
});

test('a record that this user may not read is not taken for none', () => {
  const dir = temporaryFolder();
  writeRun(dir, mine);
  chmodSync(join(dir, 'data/run/bot.json'), 0);
  const isRoot = process.geteuid?.() === 0;
  // The folder is closed for the user nobody.
  if (isRoot) process.seteuid?.(65_534);
  try {
    expect(() => findRunning(dir, 'bot')).toThrow('EACCES');
    expect(() => runningProfile(dir)).toThrow('EACCES');
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
