// Callbacks that a complete bot rejects by their head, before it reads a byte of the body.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { robotSign } from '../../../bot/platforms/dingtalk/crypto.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { waitUntil } from '../../support/wait-until.ts';

let running: BotAndLab;

beforeAll(async () => {
  running = await startBotAndLab();
});
afterAll(async () => {
  await running.stop();
});

/** Sends only this text, so that the answer cannot depend on a body. Returns status, JSON and the connection header. */
function answerTo(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1', () => socket.write(head));
    let text = '';
    const end = () =>
      resolve(`${text.slice(9, 12)} ${/\{.*\}/s.exec(text)?.[0]} ${/^connection: (\w+)/im.exec(text)?.[1]}`);
    socket.on('data', (chunk) => {
      text += chunk;
      if (/\r\n\r\n.*\}$/s.test(text)) socket.destroy();
    });
    socket.once('close', end);
    socket.once('error', reject);
  });
}

const seconds = (ageMs = 0) => String(Math.floor((Date.now() - ageMs) / 1000));
const HOUR_MS = 3_600_000;

function post(target: string, headers: Record<string, string>): string {
  const all = { host: 'x', 'content-type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const larkHeaders = (timestamp: string, signature = 'f'.repeat(64)) => ({
  'x-lark-signature': signature,
  'x-lark-request-timestamp': timestamp,
  'x-lark-request-nonce': 'n',
});
const robotHeaders = (timestamp: string) => ({
  timestamp,
  sign: robotSign(running.env.DINGTALK_APP_SECRET ?? '', timestamp),
});
const eventQuery = (timestamp: string) =>
  `/dingtalk/callback?signature=${'f'.repeat(40)}&timestamp=${timestamp}&nonce=n`;
const large = { 'content-length': '900000' };

describe('rejection by the head alone', () => {
  test.each<[string, () => string, string]>([
    ['Feishu: 16 kB without a signature', () => post('/feishu/event', { 'content-length': '16385' }), '413 too_large'],
    ['Feishu: a large body without a signature', () => post('/feishu/verify', large), '413 too_large'],
    [
      'Feishu: signed, above 1 MB',
      () => post('/feishu/event', { ...larkHeaders(seconds()), 'content-length': '1048577' }),
      '413 too_large',
    ],
    [
      'Feishu: an old-style card above 16 kB',
      () => post('/feishu/event', { ...larkHeaders(seconds(), 'f'.repeat(40)), ...large }),
      '413 too_large',
    ],
    [
      'Feishu: a signature of an unknown length',
      () => post('/feishu/event', { ...larkHeaders(seconds(), 'abc'), ...large }),
      '401 signature_mismatch',
    ],
    [
      'Feishu: a signature without a timestamp',
      () => post('/feishu/event', { 'x-lark-signature': 'f'.repeat(64), ...large }),
      '401 missing_signature',
    ],
    [
      'Feishu: signed yesterday',
      () => post('/feishu/event', { ...larkHeaders(seconds(24 * HOUR_MS)), ...large }),
      '401 stale_timestamp',
    ],
    ['DingTalk: no signature', () => post('/dingtalk/callback', large), '401 missing_signature'],
    [
      'DingTalk: a wrong signature',
      () => post('/dingtalk/callback', { ...robotHeaders('1'), timestamp: String(Date.now()), ...large }),
      '401 signature_mismatch',
    ],
    [
      'DingTalk: signed yesterday',
      () => post('/dingtalk/callback', { ...robotHeaders(String(Date.now() - 24 * HOUR_MS)), ...large }),
      '401 stale_timestamp',
    ],
    [
      'DingTalk: an event signed yesterday',
      () => post(eventQuery(String(Date.now() - 24 * HOUR_MS)), large),
      '401 stale_timestamp',
    ],
    [
      'DingTalk: signed, above 1 MB',
      () => post('/dingtalk/callback', { ...robotHeaders(String(Date.now())), 'content-length': '1048577' }),
      '413 too_large',
    ],
    [
      'a compressed body',
      () => post('/feishu/event', { 'content-encoding': 'gzip', ...large }),
      '415 unsupported_media_type',
    ],
  ])('%s', async (_name, make, expected) => {
    const [status, error] = expected.split(' ');
    expect(await answerTo(make())).toBe(`${status} {"error":"${error}"} close`);
  });
});

test.each([
  ['length', (bytes: number) => post('/feishu/event', { 'content-length': String(bytes) })],
  [
    'chunks',
    (bytes: number) => `${post('/feishu/event', { 'transfer-encoding': 'chunked' })}${bytes.toString(16)}\r\n`,
  ],
])('an unsigned body with a %s is rejected above 16 kB and never parsed', async (_name, head) => {
  const before = process.cpuUsage();
  for (let i = 0; i < 40; i++) expect(await answerTo(head(1_000_000) + '['.repeat(20_000))).toMatch(/^413 /);
  const { user, system } = process.cpuUsage(before);
  // Parsing these 40 MB of brackets needed 8 s of CPU time.
  expect((user + system) / 1e6).toBeLessThan(4);
});

test('a body longer than its Content-Length is rejected, and the rest is not read as a request', async () => {
  const accepted = await running.metric('chatbot_callbacks_total{platform="feishu",outcome="accepted"}');
  const answer = await answerTo(`${post('/feishu/event', { 'content-length': '2' })}[]${'['.repeat(50_000)}`);
  expect(answer).toMatch(/^(400|401) /);
  expect(await running.metric('chatbot_callbacks_total{platform="feishu",outcome="accepted"}')).toBe(accepted);
});

test('a request that is not complete in time is cut off', async () => {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  socket.write(`${post('/feishu/event', { ...larkHeaders(seconds()), ...large })}{`);
  const start = Date.now();
  await waitUntil('the connection is closed', () => socket.resume().destroyed || socket.readableEnded);
  expect(Date.now() - start).toBeGreaterThan(3_000);
});

describe('a platform on a long connection', () => {
  test.each([
    ['feishu', { FEISHU_INPUT: 'websocket' }, () => running.lab.feishu.buildCallback({ text: 'hello' })],
    [
      'feishu, the address check',
      { FEISHU_INPUT: 'websocket' },
      () =>
        running.lab.feishu.seal(
          { type: 'url_verification', challenge: 'c', token: running.env.FEISHU_VERIFICATION_TOKEN },
          { encrypted: false },
        ),
    ],
    ['dingtalk', { DINGTALK_INPUT: 'stream' }, () => running.lab.dingtalk.buildCallback({ text: 'hello' })],
    ['dingtalk, an event', { DINGTALK_INPUT: 'stream' }, () => running.lab.dingtalk.buildEvent('check_url')],
  ])('%s rejects callbacks', async (_name, input, build) => {
    await running.restart({ FEISHU_INPUT: 'webhook', DINGTALK_INPUT: 'webhook', ...input });
    const { url, headers, body } = build();
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    expect([response.status, await response.json()]).toEqual([403, { error: 'long_connection_only' }]);
    const accepted = 'chatbot_callbacks_total{platform="feishu",outcome="accepted"}';
    expect(await running.metric(accepted)).toBe(0);
  });
});
