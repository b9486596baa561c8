// Tests the token call: the responses that count as a rejection, and the use of the cached result.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import { credentialChecks } from '../../../../ops/diagnose/checks/cred.ts';
import type { Check, CheckContext } from '../../../../ops/diagnose/engine/check.ts';
import { createCallMemory } from '../../../../ops/diagnose/ports/call-memory.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';
import type { CheckResult } from '../../../../ops/diagnose/report.ts';

const [credFeishu] = credentialChecks() as [Check];
const BASE = 'https://open.feishu.cn';
let dir: string;
let server: Server;
let answer: { status: number; body: string };
let calls: number;
let now: number;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-cred-'));
  [calls, now, answer] = [0, Date.parse('2026-11-22T10:00:00Z'), { status: 200, body: '{"code":0}' }];
  server = createServer((_, response) => {
    calls += 1;
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.close();
  await rm(dir, { recursive: true });
});

interface RunOptions {
  secret?: string;
  asked?: boolean;
  failedAt?: string;
}

/** Runs the check as the engine does, with requests to the platform sent to the server of this test. */
async function run({ secret = 'planted-secret-1', asked = false, failedAt }: RunOptions = {}) {
  const ports = createRealPorts({ dir });
  const { port } = server.address() as AddressInfo; // a TCP server has an address with a port
  const traffic = { platform: 'feishu', attempted: 1, failed: 1, chats: 1, lastAt: failedAt, lastSuccessAt: null };
  const facts = failedAt ? [{ key: 'ev.pushes.traffic', value: [traffic] }] : [];
  const context: CheckContext = {
    ...ports,
    clock: { now: () => now },
    memory: createCallMemory({ path: join(dir, 'data/run/diagnose.json'), clock: { now: () => now } }),
    http: {
      ...ports.http,
      request: (request) =>
        ports.http.request({ ...request, url: request.url.replace(BASE, `http://127.0.0.1:${port}`) }),
    },
    cfg: loadSettings({
      env: { FEISHU_APP_ID: 'cli_a', FEISHU_APP_SECRET: secret, FEISHU_ENCRYPT_KEY: 'planted-key-1' },
      dir,
    }),
    signal: new AbortController().signal,
    hurry: new AbortController().signal,
    window: { from: new Date(now), to: new Date(now) },
    asked,
    dep: () => ({ facts }) as unknown as CheckResult, // the check reads the facts of ev.pushes and nothing else
    countCall: () => undefined,
  };
  const { status, code } = await credFeishu.run(context);
  ports.http.close();
  return [status, code];
}

test.each([
  [
    'ok if the platform accepts the secret',
    { status: 200, body: '{"code":0,"tenant_access_token":"t-x"}' },
    ['ok', undefined],
  ],
  [
    'failed if the platform rejects the secret',
    { status: 400, body: '{"code":10014,"msg":"app secret invalid"}' },
    ['fail', '10014'],
  ],
  [
    'failed if the platform rejects the secret with HTTP 200',
    { status: 200, body: '{"code":10015,"msg":"wrong"}' },
    ['fail', '10015'],
  ],
  ['unclear if the response is an HTML page', { status: 200, body: '<html>' }, ['fail', 'UNCLEAR']],
  ['unclear if the platform has an internal error', { status: 502, body: '{"code":1}' }, ['fail', 'UNCLEAR']],
])('is %s', async (_, given, expected) => {
  answer = given;
  expect(await run()).toEqual(expected);
});

const later: [string, number, RunOptions, number][] = [
  ['uses the cache one minute later', 60_000, {}, 1],
  ['calls again eleven minutes later', 660_000, {}, 2],
  ['calls again with another secret', 60_000, { secret: 'planted-secret-2' }, 2],
  ['calls again if the check is selected by its id', 60_000, { asked: true }, 2],
  ['calls again if a push failed after the first run', 60_000, { failedAt: '2026-11-22T10:00:30.000Z' }, 2],
  ['uses the cache if a push failed before the first run', 60_000, { failedAt: '2026-11-22T09:59:30.000Z' }, 1],
  ['calls again if the clock was set back', -60_000, {}, 2],
];

test.each(later)('%s', async (_, passed, situation, expected) => {
  await run();
  now += passed;
  await run(situation);
  expect(calls).toBe(expected);
});

test('does not cache a rejection', async () => {
  answer = { status: 400, body: '{"code":10014}' };
  await run();
  answer = { status: 200, body: '{"code":0}' };
  expect(await run()).toEqual(['ok', undefined]);
});

test('creates a private cache file without the secret', async () => {
  await run();
  const path = join(dir, 'data/run/diagnose.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, 'utf8')).not.toContain('planted');
});
