// Runs the real Caddy with the bundle's own Caddyfile on free ports: forwarded and rejected requests.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { KEEP_ALIVE_MS } from '../../bot/http/listen.ts';
import { freePort } from '../support/free-port.ts';
import { spawnMarked, spawnMarkedSync } from '../support/spawn-marked.ts';
import { waitUntil } from '../support/wait-until.ts';
import { ROOT } from './compose-file.ts';

let folder: string;
let caddy: ChildProcess;
let bot: Server;
let site: string;
const received: { path: string | undefined; proto: unknown; signature: unknown; body: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chatbot-caddy-'));
  bot = createServer(async (request, response) => {
    const body = await textOf(request).catch(() => undefined);
    if (body === undefined) return; // cut off by the proxy
    const { 'x-forwarded-proto': proto, 'x-lark-signature': signature } = request.headers;
    received.push({ path: request.url, proto, signature, body });
    response.end('from the bot');
  }).listen(0, '127.0.0.1');
  await once(bot, 'listening');
  const port = await freePort();
  site = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'caddy.json'), adapted(site, portOf(bot)));
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  caddy = spawnMarked('caddy', ['run', '--config', join(folder, 'caddy.json')], { env, stdio: 'ignore' });
  await waitUntil('Caddy answers', () => fetch(site).catch(() => undefined));
});

afterAll(async () => {
  if (caddy?.exitCode === null) {
    caddy.kill('SIGTERM');
    await once(caddy, 'exit');
  }
  bot?.closeAllConnections();
  bot?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Returns the Caddyfile as Caddy parses it, with the bot at its address in this test and no admin port. */
function adapted(address: string, botPort: number): string {
  const { stdout, stderr, status } = spawnMarkedSync('caddy', ['adapt', '--config', `${ROOT}proxy/Caddyfile`], {
    env: { ...process.env, SITE_ADDRESS: address },
  });
  if (status !== 0) throw new Error(stderr);
  const config = stdout.replaceAll('bot:18789', `127.0.0.1:${botPort}`);
  expect(config).not.toBe(stdout);
  return JSON.stringify({ ...JSON.parse(config), admin: { disabled: true } });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// A TCP server that listens has a port.
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test('closes an idle connection to the bot before the bot does', () => {
  const [, nanoseconds] = /"keep_alive":\{"idle_timeout":(\d+)\}/.exec(adapted(site, portOf(bot))) ?? [];
  expect(Number(nanoseconds) / 1e6).toBeLessThan(KEEP_ALIVE_MS);
});

test.each(['/feishu/verify', '/feishu/event', '/dingtalk/callback?signature=s'])(
  'forwards %s to the bot unchanged',
  async (path) => {
    received.length = 0;
    const body = '{"challenge":"ä"}';
    const answer = await fetch(site + path, { method: 'POST', body, headers: { 'x-lark-signature': 'abc' } });
    expect([answer.status, await answer.text()]).toEqual([200, 'from the bot']);
    expect(received).toEqual([{ path, proto: 'http', signature: 'abc', body }]);
  },
);

/** Returns the status of a GET with an unchanged path, because fetch would normalise the path. */
function statusOf(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: new URL(site).port, path, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).once('error', reject);
  });
}

test.each([
  '/',
  '/metrics',
  '/status',
  '/readyz',
  '/alerts/grafana',
  '/feishu',
  '/feishux/verify',
  '/feishu/../metrics',
  '//metrics',
])('answers 404 to %s without forwarding it', async (path) => {
  received.length = 0;
  expect([await statusOf(path), received]).toEqual([404, []]);
});

test('rejects a body above the limit', async () => {
  const answer = await fetch(`${site}/feishu/verify`, { method: 'POST', body: 'x'.repeat(2_100_000) });
  // 413 in the Caddy of the bundle. Debian's older Caddy answers 502 if the upstream request is cut off.
  expect([413, 502]).toContain(answer.status);
});

test('forwards a body between the limits of the bot and the proxy', async () => {
  received.length = 0;
  const answer = await fetch(`${site}/feishu/verify`, { method: 'POST', body: 'x'.repeat(1_100_000) });
  expect([answer.status, received[0]?.body.length]).toEqual([200, 1_100_000]);
});
