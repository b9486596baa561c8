// Starting, waiting for and stopping one real background process.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { processIdentity } from '../../../ops/process/identity.ts';
import { findRunning, type Run } from '../../../ops/process/run-file.ts';
import { lastLines, outputFile, startService, stopService, waitUntilReady } from '../../../ops/process/service.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { standInService, temporaryFolder } from './stand-in.ts';

const never = new AbortController().signal;
const started: { dir: string; run: Run }[] = [];

async function start(mode?: string, dir = temporaryFolder()) {
  const { run, outOffset } = await startService(dir, await standInService(dir, mode));
  started.push({ dir, run });
  return { dir, run, outOffset };
}

afterEach(async () => {
  for (const { dir, run } of started.splice(0)) await stopService(dir, run);
});

test('starts, becomes ready, is recorded, and ends when asked to', async () => {
  const { dir, run } = await start();
  await waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: never });
  expect(findRunning(dir, 'bot')).toEqual(run);
  expect(await stopService(dir, run)).toBe('stopped');
  expect(processIdentity(run.pid)).toBeUndefined();
  expect(findRunning(dir, 'bot')).toBeUndefined();
});

test('runs in a session of its own, so that closing the terminal does not end it', async () => {
  const { run } = await start();
  const stat = readFileSync(`/proc/${run.pid}/stat`, 'utf8');
  const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  expect(session).toBe(run.pid);
});

test('output is appended, and the new part can be told from the old', async () => {
  const dir = temporaryFolder();
  const first = await start('ready', dir);
  await waitUntilReady(first.run, { timeoutMs: PATIENCE_MS, signal: never });
  await stopService(dir, first.run);
  const second = await start('dies', dir);
  await expect(waitUntilReady(second.run, { timeoutMs: PATIENCE_MS, signal: never })).rejects.toThrow(
    'ended while it was starting',
  );
  expect(lastLines(outputFile(dir, 'bot'), 15)).toEqual(['bot started', 'cannot open the database']);
  expect(lastLines(outputFile(dir, 'bot'), 15, second.outOffset)).toEqual(['cannot open the database']);
});

test('says which condition is not met when it does not become ready', async () => {
  const { run } = await start('never ready');
  await waitUntil('it answers', () => fetch(run.readyUrl).catch(() => undefined));
  await expect(waitUntilReady(run, { timeoutMs: 3000, signal: never })).rejects.toThrow(
    'The bot was not ready after 3 s: database: locked.',
  );
});

test('an interrupt ends the waiting at once', async () => {
  const { run } = await start('never ready');
  const waiting = waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: AbortSignal.timeout(200) });
  await expect(waiting).rejects.toThrow('Interrupted while the bot was starting.');
});

test('kills what does not end, and says so', async () => {
  const { dir, run } = await start('ignores SIGTERM');
  await waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: never });
  expect(await stopService(dir, run)).toBe('killed');
  expect(processIdentity(run.pid)).toBeUndefined();
});

test('never signals a process that only has the same pid', async () => {
  const { dir, run } = await start();
  expect(await stopService(dir, { ...run, identity: 'an earlier boot' })).toBe('stopped');
  expect(processIdentity(run.pid)).toBe(run.identity);
});

test('an output file that has grown large is put aside at the next start', async () => {
  const dir = temporaryFolder();
  const first = await start('ready', dir);
  await stopService(dir, first.run);
  writeFileSync(outputFile(dir, 'bot'), Buffer.alloc(20_000_001));
  const { outOffset } = await start('ready', dir);
  expect(outOffset).toBe(0);
});
