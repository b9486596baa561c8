// Limits of control groups, read from the files of both versions.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cpuLimitCores, memoryLimitBytes } from '../../../bot/telemetry/limits-of-process.ts';

const cores = availableParallelism();

test.each<[string, Record<string, string>, number]>([
  ['no control group', {}, cores],
  ['version 2, half a core', { 'cpu.max': '50000 100000\n' }, 0.5],
  ['version 2, no limit', { 'cpu.max': 'max 100000\n' }, cores],
  ['version 2, more than the machine has', { 'cpu.max': '100000000 100000\n' }, cores],
  ['version 1, a quarter', { 'cpu/cpu.cfs_quota_us': '25000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 0.25],
  ['version 1, no limit', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, cores],
  ['an invalid file', { 'cpu.max': '\n' }, cores],
])('CPU cores with %s', (_name, files, expected) => {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  expect(cpuLimitCores(root)).toBe(expected);
});

test.each([
  ['a limit', 1000, 5000, 1000],
  ['no limit, which Node reports as a huge number', 18_446_744_073_709_552_000, 5000, 5000],
  ['an unknown limit', 0, 5000, 5000],
])('memory with %s', (_name, constrained, total, expected) =>
  expect(memoryLimitBytes(constrained, total)).toBe(expected),
);
