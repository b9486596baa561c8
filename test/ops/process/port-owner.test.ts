// Names the program behind a port that is in use.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { listenProblem, portOwner } from '../../../ops/process/port-owner.ts';
import { freePort } from '../../support/free-port.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function listener(host: string): Promise<{ pid: number | undefined; port: number }> {
  const code = `const s = require('net').createServer().listen(0, '${host}', () => console.log(s.address().port))`;
  const child = spawnMarked(process.execPath, ['-e', code]);
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { pid: child.pid, port: Number(String(line)) };
}

test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('names the program that listens on %s', async (host) => {
  const { pid, port } = await listener(host);
  expect(portOwner(port)).toEqual({ pid, command: expect.stringContaining("require('net').createServer()") });
  expect(await listenProblem({ host, port })).toBe('EADDRINUSE');
});

test('reports no owner and no problem for a free port', async () => {
  const port = await freePort();
  expect(portOwner(port)).toEqual({});
  expect(await listenProblem({ host: '127.0.0.1', port })).toBeUndefined();
});

test('reports EADDRNOTAVAIL for an address of another machine', async () => {
  expect(await listenProblem({ host: '192.0.2.1', port: await freePort() })).toBe('EADDRNOTAVAIL');
});
