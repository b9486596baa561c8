// The time limit of a step, also across garbage collections.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { withTimeLimit } from '../../../bot/runtime/with-time-limit.ts';
import { projectFiles, readText } from '../../docs/project-files.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const never = new AbortController().signal;

test('aborts after the limit although the memory is collected meanwhile', async () => {
  const isAborted = await withTimeLimit(never, 100, async (signal) => {
    for (let round = 0; round < 200 && !signal.aborted; round += 1) {
      collectGarbage();
      await sleep(5);
    }
    return signal.aborted;
  });
  expect(isAborted).toBe(true);
});

test('aborts with its parent, also if it has already aborted', async () => {
  const parent = new AbortController();
  const step = async (signal: AbortSignal) => {
    if (!signal.aborted) await once(signal, 'abort');
    return 'aborted';
  };
  const waiting = withTimeLimit(parent.signal, 1_000_000, step);
  parent.abort();
  await expect(waiting).resolves.toBe('aborted');
  await expect(withTimeLimit(parent.signal, 1_000_000, step)).resolves.toBe('aborted');
});

test('prints no warning if many steps share one signal', async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, () => withTimeLimit(signal, 1_000, () => sleep(20))));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('passes the result and the error of the step on', async () => {
  await expect(withTimeLimit(never, 1_000, async () => 3)).resolves.toBe(3);
  await expect(withTimeLimit(never, 1_000, () => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
});

test('is used wherever a time limit and another signal are combined', () => {
  const combined = /AbortSignal\.any\([^;]*AbortSignal\.timeout/;
  const sources = projectFiles.filter((path) => path.endsWith('.ts') && !path.startsWith('test/'));
  expect(sources.length).toBeGreaterThan(400);
  expect(sources.filter((path) => combined.test(readText(path)))).toEqual([]);
});
