// The built program: start, errors of a start, shutdown, recovery after a kill.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { HOSTILE_LINE, steering } from '../ops/terminal/hostile.ts';
import { type BotProcess, LONG_SHUTDOWN, ready, startBotProcess } from '../support/bot-process.ts';
import { freePort } from '../support/free-port.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';

let dir: string;
let bot: BotProcess | undefined;
let lab: Lab | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-main-'));
});
afterEach(async () => {
  if (bot?.child.exitCode === null) await bot.end('SIGKILL');
  await lab?.stop();
  [bot, lab] = [undefined, undefined];
  await rm(dir, { recursive: true, force: true });
});

async function ports() {
  const [port, admin] = [await freePort(), await freePort()];
  return {
    env: { ...LONG_SHUTDOWN, HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: String(admin) },
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${admin}`,
  };
}

async function exitOf(process: BotProcess): Promise<number | null> {
  return waitUntil('the process ends', () => process.child.exitCode ?? undefined);
}

test('starts without settings, reports that no platform is configured, and shuts down in order', async () => {
  const { env, url, adminUrl } = await ports();
  bot = startBotProcess(dir, env);
  await ready(adminUrl);
  const response = await fetch(`${url}/feishu/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect([response.status, await response.json()]).toEqual([503, { error: 'feishu is not configured on this server' }]);
  await expect((await fetch(`${adminUrl}/livez`)).json()).resolves.toEqual({ status: 'alive' });
  const { code } = await bot.end('SIGTERM');
  expect(code).toBe(0);
  const actions = bot
    .stdout()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as Record<string, string>)['event.action']);
  expect(actions.filter(Boolean)).toEqual(['bot-started', 'callback-received', 'bot-stopping', 'bot-stopped']);
  expect(bot.stderr()).toBe('');
});

test('reports all wrong settings at once, without a stack', async () => {
  bot = startBotProcess(dir, { PORT: 'eighty', FEISHU_APP_ID: 'cli_a', DINGTALK_AES_KEY: 'short' });
  expect(await exitOf(bot)).toBe(1);
  for (const name of ['PORT', 'FEISHU_APP_SECRET', 'DINGTALK_AES_KEY']) expect(bot.stderr()).toContain(name);
  expect(bot.stderr()).not.toContain('    at ');
});

test('escapes terminal control characters of quoted values on stderr', async () => {
  bot = startBotProcess(dir, {
    LOG_LEVEL: HOSTILE_LINE,
    FEISHU_REPLY_FORMAT: HOSTILE_LINE,
    DATABASE_URL: HOSTILE_LINE,
  });
  expect(await exitOf(bot)).toBe(1);
  expect(bot.stderr()).toContain('LOG_LEVEL');
  expect(steering(bot.stderr())).toEqual([]);
});

test('names a port in use and the setting that changes it', async () => {
  const { env } = await ports();
  const other = createServer().listen(Number(env.PORT), '127.0.0.1');
  bot = startBotProcess(dir, env);
  expect(await exitOf(bot)).toBe(1);
  expect(bot.stderr()).toBe(
    `The bot did not start: 127.0.0.1:${env.PORT} is in use by another program. Free it, or choose another one with PORT.\n`,
  );
  other.close();
});

test('names a database that cannot be reached, without its password', async () => {
  const { env } = await ports();
  const address = `127.0.0.1:${await freePort()}`;
  bot = startBotProcess(dir, { ...env, DATABASE_URL: `mysql://bot:hidden-word@${address}/bot` });
  expect(await exitOf(bot)).toBe(1);
  expect(bot.stderr()).toMatch(/^The bot did not start: /);
  expect(bot.stderr()).toContain(address);
  expect(bot.stderr() + bot.stdout()).not.toContain('hidden-word');
});

test('shuts down although a caller never finishes its request', async () => {
  const { env, adminUrl } = await ports();
  bot = startBotProcess(dir, env);
  await ready(adminUrl);
  const socket = connect(Number(env.PORT), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /feishu/verify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { code } = await bot.end('SIGTERM');
  socket.destroy();
  expect(code).toBe(0);
});

test('loses nothing and repeats nothing after a kill during work', async () => {
  const { env, url, adminUrl } = await ports();
  const credentials = generateCredentials();
  lab = await startLab({ credentials, botUrl: url, modelDelayMs: 300, ackWithinMs: PATIENCE_MS });
  const { feishu, dingtalk } = lab;
  [feishu.limitsRates, dingtalk.limitsRates] = [false, false];
  const all = { ...env, ...botEnvironment(credentials, lab.urls), INBOX_CONCURRENCY: '4' };
  bot = startBotProcess(dir, all);
  await ready(adminUrl);
  const texts = Array.from({ length: 20 }, (_, i) => `message-${i}.`);
  for (const text of texts) {
    await feishu.sendText({ text, chatId: `oc_${text}` });
    await dingtalk.sendText({ text, chatId: `cid${text}` });
  }
  await waitUntil('some are answered', () => feishu.sent.length + dingtalk.sent.length >= 5);
  await bot.end('SIGKILL');
  bot = startBotProcess(dir, { ...all, INBOX_CONCURRENCY: '32' });
  await ready(adminUrl);
  const answeredBy = (fake: typeof feishu | typeof dingtalk, text: string) =>
    fake.sent.filter((message) => message.text.includes(text)).length;
  await waitUntil('all are answered', () => texts.every((text) => answeredBy(feishu, text) === 1));
  // A part that was being sent to DingTalk during the kill stays unknown instead of being sent twice.
  const { queues } = (await (await fetch(`${adminUrl}/status`)).json()) as {
    queues: { outbox: { unknown: number } };
  };
  await waitUntil(
    'the rest',
    () => texts.filter((text) => answeredBy(dingtalk, text) === 1).length >= 20 - queues.outbox.unknown,
  );
  for (const text of texts) expect(answeredBy(dingtalk, text)).toBeLessThanOrEqual(1);
});
