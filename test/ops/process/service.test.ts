// Starts one real background process, waits for it, and stops it.

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

test('starts a process, waits until it is ready, records it, and stops it', async () => {
  const { dir, run } = await start();
  await waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: never });
  expect(findRunning(dir, 'bot')).toEqual(run);
  expect(await stopService(dir, run)).toBe('stopped');
  expect(processIdentity(run.pid)).toBeUndefined();
  expect(findRunning(dir, 'bot')).toBeUndefined();
});

test('runs in its own session, so that closing the terminal does not end it', async () => {
  const { run } = await start();
  const stat = readFileSync(`/proc/${run.pid}/stat`, 'utf8');
  const session = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
  expect(session).toBe(run.pid);
});

test('appends the output, and returns the offset of the new part', async () => {
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

test('names the unmet condition if the process does not become ready', async () => {
  const { run } = await start('never ready');
  await waitUntil('it answers', () => fetch(run.readyUrl).catch(() => undefined));
  await expect(waitUntilReady(run, { timeoutMs: 3000, signal: never })).rejects.toThrow(
    'The bot was not ready after 3 s: database: locked.',
  );
});

test('stops waiting at once after an interrupt', async () => {
  const { run } = await start('never ready');
  const waiting = waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: AbortSignal.timeout(200) });
  await expect(waiting).rejects.toThrow('Interrupted while the bot was starting.');
});

test('kills a process that ignores SIGTERM, and returns `killed`', async () => {
  const { dir, run } = await start('ignores SIGTERM');
  await waitUntilReady(run, { timeoutMs: PATIENCE_MS, signal: never });
  expect(await stopService(dir, run)).toBe('killed');
  expect(processIdentity(run.pid)).toBeUndefined();
});

test('never signals another process with the same pid', async () => {
  const { dir, run } = await start();
  expect(await stopService(dir, { ...run, identity: 'an earlier boot' })).toBe('stopped');
  expect(processIdentity(run.pid)).toBe(run.identity);
});

test('rotates a large output file at the next start', async () => {
  const dir = temporaryFolder();
  const first = await start('ready', dir);
  await stopService(dir, first.run);
  writeFileSync(outputFile(dir, 'bot'), Buffer.alloc(20_000_001));
  const { outOffset } = await start('ready', dir);
  expect(outOffset).toBe(0);
});
