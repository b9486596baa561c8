// Runs `ops lab` as a process: addresses, credentials on disk, a clean end, plain errors.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { generateCredentials } from '../../../ops/lab/credentials.ts';
import { keepCredentials } from '../../../ops/lab/keep-credentials.ts';
import { spawnMarked } from '../../support/spawn-marked.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-'));
  file = join(folder, 'kept', 'credentials.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

function startCommand(...args: string[]): { child: ChildProcess; output(): string } {
  const main = join(projectRoot(), 'dist', 'ops', 'main.js');
  const child = spawnMarked(process.execPath, [main, 'lab', ...args], { cwd: folder });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

/** Returns the first of four consecutive free ports. */
async function findFourPorts(): Promise<number> {
  const port = await listenBriefly(0);
  const next = [await listenBriefly(port + 1), await listenBriefly(port + 2), await listenBriefly(port + 3)];
  return next.includes(0) ? await findFourPorts() : port;
}

/** Returns the port if it could be opened, or 0. */
async function listenBriefly(port: number): Promise<number> {
  if (port > 65_535) return 0;
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    // A server listening on TCP always has an AddressInfo.
    return (server.address() as AddressInfo).port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}

describe('the process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('runs on four consecutive ports until %s', async (signal) => {
    const port = await findFourPorts();
    const { child, output } = startCommand('--port', String(port), '--credentials', file);
    while (!output().includes('Ctrl-C')) await once(child.stdout ?? child, 'data');
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    // An open event stream must not keep the lab from stopping.
    const events = await fetch(`http://127.0.0.1:${port}/api/events`);
    child.kill(signal);
    const [code] = await once(child, 'close');
    await events.body?.cancel().catch(() => undefined);
    expect({ health: await health.json(), code }).toEqual({ health: { ok: true }, code: 0 });
    expect(output()).toBe(`The lab runs on this machine only. Chat with the bot at http://127.0.0.1:${port}/
Feishu   http://127.0.0.1:${port + 1}
DingTalk http://127.0.0.1:${port + 2}
Model    http://127.0.0.1:${port + 3}/v1
Credentials are kept in ${file}. Stop with Ctrl-C.
`);
  });

  test('ends with a fix if a port is in use', async () => {
    const port = await findFourPorts();
    const server = createServer().listen(port + 1, '127.0.0.1');
    await once(server, 'listening');
    const { child, output } = startCommand('--port', String(port), '--credentials', file);
    const [code] = await once(child, 'close');
    server.close();
    expect({ code, output: output() }).toEqual({
      code: 1,
      output: `Port ${port + 1} (lab, Feishu) is taken by another program. Stop that program, or set LAB_PORT to the first of four free ports.\n`,
    });
  });

  test.each([
    [['--port', 'http'], '--port must be a whole number from 0 to 65532, not "http".'],
    [['--port', '65533'], '--port must be a whole number from 0 to 65532, not "65533".'],
    [
      ['--bot-url', 'localhost:18789'],
      '--bot-url must be an address such as http://127.0.0.1:18789, not "localhost:18789".',
    ],
    [['--speed', '9'], "Unknown option '--speed'"],
  ])('reports a usage error for %j', async (args, message) => {
    const { child, output } = startCommand(...args);
    const [code] = await once(child, 'close');
    expect(code).toBe(2);
    expect(output()).toContain(message);
    expect(output()).toContain('Usage: ./chatbot lab [options]');
  });
});

describe('credentials', () => {
  test('generates credentials once, readable by their owner only', () => {
    const made = keepCredentials(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    expect(keepCredentials(file)).toEqual(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(made);
  });

  const complete = generateCredentials();
  test.each([
    ['half a file', JSON.stringify(complete).slice(0, 200), 'it is not JSON'],
    ['a list', '[]', 'these are missing or malformed: the whole file'],
    ['no DingTalk', JSON.stringify({ ...complete, dingtalk: undefined }), 'these are missing or malformed: dingtalk'],
    [
      'an aes key of 32 characters',
      JSON.stringify({ ...complete, dingtalk: { ...complete.dingtalk, aesKey: 'a'.repeat(32) } }),
      'these are missing or malformed: dingtalk.aesKey',
    ],
  ])('names the problem of %s, without its contents', (_name, text, reason) => {
    const path = join(folder, 'bad.json');
    writeFileSync(path, text);
    expect(() => keepCredentials(path)).toThrow(
      `The lab cannot use its credentials in ${path}: ${reason}. Delete the file; new ones are made.`,
    );
  });
});
