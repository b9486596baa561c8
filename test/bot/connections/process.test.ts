// The program with both long connections: a signal ends it at once, and a crash loses no message.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BotProcess, LONG_SHUTDOWN, startBotProcess } from '../../support/bot-process.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type LabSide, startLabSide } from './connect.ts';

let side: LabSide;
let dir: string;
let bot: BotProcess;

beforeEach(async () => {
  side = await startLabSide();
  dir = await mkdtemp(join(tmpdir(), 'chatbot-connections-'));
});

afterEach(async () => {
  if (bot.child.exitCode === null) await bot.end('SIGKILL');
  await side.lab.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const input = { FEISHU_INPUT: 'websocket', DINGTALK_INPUT: 'stream' };
  const run = {
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: '0',
    DATABASE_URL: `sqlite:${dir}/bot.db`,
    LOG_DIR: dir,
    ...LONG_SHUTDOWN,
  };
  const { MODEL_BASE_URL: _url, MODEL_API_KEY: _key, MODEL_NAME: _name, ...env } = side.env;
  bot = startBotProcess(dir, { ...env, ...input, ...run });
  const { feishu, dingtalk } = side.lab;
  await waitUntil(
    'both are open',
    () => feishu.longConnection.clients.size === 1 && dingtalk.stream.clients.size === 1,
  );
}

test('SIGTERM closes both connections and ends the process', async () => {
  await start();
  const { code } = await bot.end('SIGTERM');
  expect({ code, stderr: bot.stderr() }).toEqual({ code: 0, stderr: '' });
  const { feishu, dingtalk } = side.lab;
  await waitUntil(
    'both platforms have noticed the end',
    () => feishu.longConnection.clients.size === 0 && dingtalk.stream.clients.size === 0,
  );
  for (const secret of [side.env.FEISHU_APP_SECRET ?? '', side.env.DINGTALK_APP_SECRET ?? '', 'ticket']) {
    expect(bot.stdout()).not.toContain(secret);
  }
});

test('the next process answers a message that was acknowledged before a crash', async () => {
  await start();
  const { feishu, dingtalk } = side.lab;
  const sent = await Promise.all([feishu.sendText({ text: 'crash' }), dingtalk.sendText({ text: 'crash' })]);
  await bot.end('SIGKILL');
  expect(sent.map(({ status }) => status)).toEqual([200, 200]);
  await start();
  const [toFeishu, toDingtalk] = sent.map(({ messageId }) => ({ afterMessageId: messageId, timeoutMs: PATIENCE_MS }));
  const replies = [toFeishu && feishu.waitForReply(toFeishu), toDingtalk && dingtalk.waitForReply(toDingtalk)];
  for (const reply of await Promise.all(replies)) expect(reply?.text).toContain('You said: crash');
});
