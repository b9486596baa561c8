// Log lines that unverified callbacks cause: a limited number, each with the address of the sender.
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { listen } from '../../../bot/http/listen.ts';
import { createPublicApp } from '../../../bot/http/public-app.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { createIntake, type IntakeDeps } from '../../../bot/intake/intake.ts';
import { createChannels } from '../../../bot/platforms/create-channels.ts';
import { callbackRoutes, descriptors } from '../../../bot/platforms/registry.ts';
import type { LogFields, Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** Feishu with an Encrypt Key and no Verification Token; no DingTalk. */
const env = {
  FEISHU_APP_ID: 'cli_0123456789abcdef',
  FEISHU_APP_SECRET: 'AbCdEf0123456789AbCdEf0123456789',
  FEISHU_ENCRYPT_KEY: 'Qw9eRt8yUi7oPa6s',
};
/** Log lines allowed in a burst, and per second afterwards (`line-limit.ts`). */
const [BURST, PER_SECOND] = [200, 10];
const REQUESTS = 500;
const AT_ONCE = 50;

interface Callback {
  path?: string;
  headers?: Record<string, string>;
  body: string;
  /** Value of Content-Length in bytes. Default: length of the body. */
  length?: number;
}

/** Sends a callback and closes the connection: after the answer, or at once if the body is incomplete. */
function post(
  port: number,
  { path = '/feishu/event', headers = {}, body, length = body.length }: Callback,
): Promise<void> {
  const all = { host: 'x', 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}content-length: ${length}\r\n\r\n${body}`, () => {
      if (length > body.length) setTimeout(() => socket.destroy(), 10);
    });
    socket.on('error', () => undefined);
    socket.once('data', () => socket.destroy());
    socket.once('close', () => resolve());
  });
}

const signed = () => ({
  'x-lark-signature': 'f'.repeat(64),
  'x-lark-request-timestamp': String(Math.floor(Date.now() / 1000)),
  'x-lark-request-nonce': 'n',
});

test.each<[string, string, () => Callback]>([
  ['a connection closed inside the body', 'incomplete_body', () => ({ body: '{', length: 100 })],
  [
    'a connection closed inside a signed body',
    'incomplete_body',
    () => ({ headers: signed(), body: '{', length: 100 }),
  ],
  ['a wrong signature', 'signature_mismatch', () => ({ headers: signed(), body: '{}' })],
  ['a body that is not JSON', 'malformed_json', () => ({ body: '{' })],
  ['another content type', 'unsupported_media_type', () => ({ headers: { 'content-type': 'text/plain' }, body: '{}' })],
  ['a platform without an app', 'not_configured', () => ({ path: '/dingtalk/callback', body: '{}' })],
  [
    'an address check for an app without a token',
    'missing_signature',
    () => ({ body: '{"type":"url_verification","challenge":"c","token":"t"}' }),
  ],
])('limits the log lines about %s', async (_name, reason, make) => {
  const lines: LogFields[] = [];
  const record = (_message: string, fields: LogFields = {}) => void lines.push(fields);
  const log: Logger = {
    debug: record,
    info: record,
    warn: record,
    error: record,
    child: () => log,
    close: async () => {},
  };
  const settings = loadSettings({ env, dir: tmpdir() });
  const http = createHttpClient();
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 1,
    models: ['offline'],
  });
  const channels = createChannels({ settings, http, clock: Date.now });
  // The stores are not used, because no callback here is verified.
  const store = {} as Pick<IntakeDeps, 'inbox' | 'tenants'>;
  const intake = createIntake({ ...store, settings, channels, metrics, log, onMessage() {}, onSeen() {} });
  const app = createPublicApp({
    routes: callbackRoutes(),
    intake,
    metrics,
    trustedProxies: 'loopback',
    clock: Date.now,
  });
  const listener = await listen({ app, host: '127.0.0.1', port: 0, portSetting: 'PORT' });
  const counted = async () => {
    const { values } = await metrics.callbacks.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  const start = performance.now();
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => post(listener.port, make())));
  }
  await waitUntil('all callbacks are counted', async () => (await counted()) === REQUESTS);
  const seconds = (performance.now() - start) / 1000;
  await listener.stop();
  http.close();
  metrics.stop();

  const received = lines.filter((line) => line['event.action'] === 'callback-received');
  expect(received.length).toBeLessThanOrEqual(BURST + seconds * PER_SECOND);
  expect(new Set(received.map((line) => line['event.reason']))).toEqual(new Set([reason]));
  expect(new Set(received.map((line) => line['client.ip']))).toEqual(new Set(['203.0.113.7']));
});
