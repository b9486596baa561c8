// Identifies a process by its pid together with its boot and start time.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { printable } from '../../../bot/telemetry/printable.ts';
import { commandLine, processIdentity } from '../../../ops/process/identity.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';

test('returns the boot id and the start time of a running process', () => {
  const [boot, start] = processIdentity(process.pid)?.split(' ') ?? [];
  expect(`${boot} ${start}`).toBe(processIdentity(process.pid));
  expect(boot).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  // Clock ticks of 10 ms since the boot. This process started some time after the boot.
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  expect(Number(start) / 100).toBeCloseTo(uptime - process.uptime(), -1);
});

test('returns no identity for an ended process', async () => {
  const child = spawnMarked('sleep', ['600']);
  const pid = child.pid ?? 0;
  expect(processIdentity(pid)).toBeDefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(processIdentity(pid)).toBeUndefined();
});

test('returns no identity for a zombie', async () => {
  // The shell becomes `sleep`, which never collects the exit code of the child it inherits.
  const parent = spawnMarked('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 600']);
  try {
    const [line] = await once(parent.stdout, 'data');
    const zombie = Number(String(line));
    while (processIdentity(zombie) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(commandLine(zombie)).toBeUndefined();
    expect(() => process.kill(zombie, 0)).not.toThrow();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('returns a command line without control characters', () => {
  expect(commandLine(process.pid)).toContain('node');
  expect(printable('a\u001b[31mb\nc')).toBe('a [31mb c');
});
