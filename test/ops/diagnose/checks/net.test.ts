// Tests the chain of checks of one server with real sockets that fail at each step.
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import { cfgSchema } from '../../../../ops/diagnose/checks/cfg.ts';
import { netChecks } from '../../../../ops/diagnose/checks/net.ts';
import { runChecks } from '../../../../ops/diagnose/engine/run-checks.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';
import { targetById } from '../../../../ops/diagnose/targets.ts';
import { projectRoot } from '../../../../ops/installation/project-root.ts';
import { freePort } from '../../../support/free-port.ts';

const pem = readFileSync(join(projectRoot(), 'test/ops/diagnose/fixtures/localhost.pem'), 'utf8');
const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port; // a TCP server has an address with a port
}

const http = (listener: RequestListener) => async () => `http://127.0.0.1:${await listen(createHttp(listener))}`;
const tcp = (onConnection: (socket: Socket) => void) => async () => listen(createTcp(onConnection));
const answer =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
const secure = async () => listen(createHttps({ key: pem, cert: pem }, answer(400, '{"code":99991661}')));

async function statuses(baseUrl: string) {
  const settings = loadSettings({
    env: {
      FEISHU_APP_ID: 'cli_a',
      FEISHU_APP_SECRET: 'secret-1',
      FEISHU_ENCRYPT_KEY: 'key-1',
      FEISHU_BASE_URL: baseUrl,
    },
    dir: '/nonexistent',
  });
  const ports = createRealPorts({ dir: '/nonexistent' });
  const { checks } = await runChecks({
    checks: [cfgSchema({ settings, problems: [], unreadable: [], secrets: [] }), ...netChecks(targetById('feishu'))],
    cfg: settings,
    ports,
    window: { from: new Date(), to: new Date() },
    budgetMs: 10_000,
  });
  ports.http.close();
  return checks.slice(1).map(({ id, status, code, reason }) => [id.split('.').at(-1), status, code ?? reason]);
}

const TLS_SKIPPED = ['tls', 'skip', 'not_applicable'];
const reached = [
  ['dns', 'ok', undefined],
  ['tcp', 'ok', undefined],
];

test.each([
  ['responds like the platform', http(answer(400, '{"code":99991661}')), ['ok', undefined]],
  ['responds with an internal error', http(answer(503, '{"code":1}')), ['fail', 'HTTP_503']],
  ['is a portal that responds with 200 and a page', http(answer(200, '<html>')), ['fail', 'NOT_GENUINE']],
  [
    'is a portal that redirects',
    http((_, response) => response.writeHead(302, { location: '/login' }).end()),
    ['fail', 'NOT_GENUINE'],
  ],
  ['closes the connection instead of a response', http((request) => request.socket.destroy()), ['fail', 'ECONNRESET']],
  ['never responds', http(() => undefined), ['fail', 'ETIMEDOUT']],
])('checks a server without TLS that %s', async (_, start, expected) => {
  expect(await statuses(await start())).toEqual([...reached, TLS_SKIPPED, ['http', ...expected]]);
});

test('skips the later steps if the port is closed', async () => {
  expect(await statuses(`http://127.0.0.1:${await freePort()}`)).toEqual([
    ['dns', 'ok', undefined],
    ['tcp', 'fail', 'ECONNREFUSED'],
    TLS_SKIPPED,
    ['http', 'skip', 'prerequisite'],
  ]);
});

test('fails at the DNS step if the name does not exist', async () => {
  const [dns, ...rest] = await statuses('https://no-such-host.invalid');
  // The code is ENOTFOUND with a resolver and EAI_AGAIN without one.
  expect([dns?.[0], dns?.[1]]).toEqual(['dns', 'fail']);
  expect(rest.map(([, status]) => status)).toEqual(['skip', 'skip', 'skip']);
});

test.each([
  ['speaks no TLS', tcp((socket) => socket.end('SSH-2.0-x\r\n')), 'ERR_SSL_WRONG_VERSION_NUMBER'],
  [
    'resets the connection during the handshake',
    tcp((socket) => socket.once('data', () => socket.resetAndDestroy())),
    'ECONNRESET',
  ],
  ['never answers the handshake', tcp(() => undefined), 'ETIMEDOUT'],
  ['has a self-signed certificate', secure, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
])('reports a TLS server that %s', async (_, start, code) => {
  const [, , tls] = await statuses(`https://localhost:${await start()}`);
  expect(tls).toEqual(['tls', 'fail', code]);
});
