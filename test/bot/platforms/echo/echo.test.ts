// A third platform needs nothing but its folder and a line of the registry.
import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bot, createBot } from '../../../../bot/app/create-bot.ts';
import { loadSettings } from '../../../../bot/config/load-settings.ts';
import { allChecks } from '../../../../ops/diagnose/checks/all-checks.ts';
import { createRealPorts } from '../../../../ops/diagnose/ports/real-ports.ts';
import type { Report } from '../../../../ops/diagnose/report.ts';
import { runDiagnosis } from '../../../../ops/diagnose/run-diagnosis.ts';
import { allRules } from '../../../../ops/diagnose/verdicts/all-rules.ts';
import { readMetric } from '../../../support/bot-and-lab.ts';
import { freePort } from '../../../support/free-port.ts';
import { waitUntil } from '../../../support/wait-until.ts';
import { registerEcho, SECRET_HEADER } from './platform.ts';

const SECRET = 'planted-echo-secret';
const RELAY_SECRET = 'planted-relay-secret';
let dir: string;
let platform: Server;
let bot: Bot;
let url: string;
let adminUrl: string;
/** Requests that reached the platform, by path. */
const received: { path: string; body: Record<string, unknown> }[] = [];
let rejecting = false;

beforeAll(async () => {
  registerEcho();
  dir = await mkdtemp(join(tmpdir(), 'chatbot-echo-'));
  platform = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const path = request.url ?? '';
    received.push({ path, body: text === '' ? {} : JSON.parse(text) });
    if (path === '/token') response.end(JSON.stringify({ code: rejecting ? 401 : 0 }));
    else response.writeHead(rejecting ? 401 : 200).end(`secret ${request.headers[SECRET_HEADER]} is unknown`);
  });
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const { port } = platform.address() as AddressInfo; // a TCP server has an address with a port
  const app = `app_id: echo-1\n  app_secret: ${SECRET}\n  base_url: http://127.0.0.1:${port}`;
  await writeFile(join(dir, 'config.yaml'), `echo:\n  ${app}\n`);
  const env = {
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    ADMIN_PORT: String(await freePort()),
    DATABASE_URL: `sqlite:${dir}/bot.db`,
    LOG_DIR: `${dir}/log`,
    ALERT_RELAY_SECRET: RELAY_SECRET,
    THINKING_AFTER_MS: '0',
  };
  bot = createBot({ settings: loadSettings({ env, dir }), stdout: false });
  const ports = await bot.start();
  url = `http://127.0.0.1:${ports.port}`;
  adminUrl = `http://127.0.0.1:${ports.adminPort}`;
  await mkdir(join(dir, 'data/run'), { recursive: true });
  await writeFile(join(dir, 'data/run/environment.json'), JSON.stringify(env), { mode: 0o600 });
});

afterAll(async () => {
  await bot?.stop();
  platform?.close();
  await rm(dir, { recursive: true, force: true });
});

let count = 0;
const write = (text: string, secret = SECRET) => {
  count += 1;
  return fetch(`${url}/echo/event`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [SECRET_HEADER]: secret },
    body: JSON.stringify({ app: 'echo-1', id: `m${count}`, org: 'org-1', user: 'user-1', text }),
  });
};
const sent = () => received.filter(({ path }) => path === '/send').map(({ body }) => String(body.text));
const diagnose = (): Promise<Report> =>
  runDiagnosis({
    env: {},
    dir,
    ports: createRealPorts({ dir }),
    version: '0.0.0',
    sinceMs: 1_800_000,
    budgetMs: 60_000,
    only: ['cred.echo', 'ev.pushes', 'net.echo.http'],
  });

test('no verdict reads a fact of a part that the platform leaves out', () => {
  const declared: string[] = allChecks({ settings: undefined, problems: [], unreadable: [], secrets: [] }).flatMap(
    (check) => check.declares,
  );
  expect(allRules().flatMap(({ reads }) => reads.filter((key) => !declared.includes(key)))).toEqual([]);
});

test('its metrics are zero before the first callback', async () => {
  for (const series of [
    'chatbot_callbacks_total{platform="echo",outcome="accepted"}',
    'chatbot_pushes_total{platform="echo",outcome="sent"}',
    'chatbot_http_request_duration_seconds_count{route="/echo/event",method="POST",status_class="2xx"}',
    'chatbot_alert_relay_total{receiver="echo",outcome="delivered"}',
    'chatbot_inbound_last_seen_timestamp_seconds{platform="echo"}',
  ]) {
    await expect(readMetric(adminUrl, series)).resolves.toBe(0);
  }
});

test('its callbacks are verified and answered in the chat', async () => {
  expect((await write('hello', 'wrong-secret')).status).toBe(401);
  const response = await write('/status');
  expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { ok: true } });
  await waitUntil('the answer', () => sent().length > 0);
  expect(sent()[0]).toMatch(/ready/);
  expect(await readMetric(adminUrl, 'chatbot_callbacks_total{platform="echo",outcome="accepted"}')).toBe(1);
});

test('the diagnosis probes its credentials', async () => {
  const { checks } = await diagnose();
  expect(checks.find(({ id }) => id === 'cred.echo')).toMatchObject({ title: 'Echo credentials', status: 'ok' });
});

test('its alerts reach the group', async () => {
  const body = JSON.stringify({
    status: 'firing',
    title: 'High CPU',
    alerts: [{ status: 'firing', labels: {}, annotations: {} }],
  });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', RELAY_SECRET).update(`${timestamp}:${body}`).digest('hex');
  const response = await fetch(`${adminUrl}/alerts/grafana`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-grafana-alerting-signature': signature,
      'x-grafana-alerting-timestamp': timestamp,
    },
    body,
  });
  expect(response.status).toBe(200);
  expect(received.filter(({ path }) => path === '/alert')).toHaveLength(1);
  expect(await readMetric(adminUrl, 'chatbot_alert_relay_total{receiver="echo",outcome="delivered"}')).toBe(1);
});

test('a wrong secret is a verdict, and its text reaches no log and no report', async () => {
  rejecting = true;
  await write('hello');
  await waitUntil('the failed push', async () => (await logs()).includes('"chatbot.push_outcome":"dead"'));
  const report = await diagnose();
  expect(report.primary).toMatchObject({
    id: 'ECHO_SECRET_WRONG',
    title: 'Echo rejects the secret of app echo-1 (code 401).',
  });
  expect(await logs()).toContain('secret [redacted] is unknown');
  for (const text of [await logs(), JSON.stringify(report)]) expect(text).not.toContain(SECRET);
});

async function logs(): Promise<string> {
  const files = ['app.log', 'callback.log'].map((file) => readFile(join(dir, 'log', file), 'utf8').catch(() => ''));
  return (await Promise.all(files)).join('\n');
}
