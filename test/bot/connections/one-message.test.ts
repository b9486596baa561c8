// Messages over a long connection on both platforms, with real WebSockets and real API calls.
import { afterEach, describe, expect, test } from '@jest/globals';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

const platforms = [
  // Keys and tokens are not needed, because there are no callbacks.
  { platform: 'feishu', env: { FEISHU_INPUT: 'websocket', FEISHU_ENCRYPT_KEY: '', FEISHU_VERIFICATION_TOKEN: '' } },
  { platform: 'dingtalk', env: { DINGTALK_INPUT: 'stream', DINGTALK_AES_KEY: '', DINGTALK_TOKEN: '' } },
] as const;

let running: BotAndLab;

afterEach(async () => {
  await running.stop();
});

describe.each(platforms)('on $platform', ({ platform, env }) => {
  const connections = () => {
    const { feishu, dingtalk } = running.lab;
    return platform === 'feishu' ? feishu.longConnection : dingtalk.stream;
  };
  const up = () => running.metric(`chatbot_connection_up{platform="${platform}"}`);

  async function start(options: { model?: boolean } = {}): Promise<void> {
    running = await startBotAndLab({ env, ...options });
    await waitUntil('the connection is open', async () => (await up()) === 1);
  }

  test('answers a message, and reports the connection in log, metrics and status', async () => {
    await start();
    const sent = await running.lab[platform].sendText({ text: 'hello 世界 🎉' });
    expect(sent).toMatchObject({ status: 200, attempts: 1, error: null });
    const reply = await running.lab[platform].waitForReply({ afterMessageId: sent.messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('您说的是：hello 世界 🎉');
    expect(connections().problems).toEqual([]);
    await expect(running.metric(`chatbot_callbacks_total{platform="${platform}",outcome="accepted"}`)).resolves.toBe(1);
    await expect(running.metric(`chatbot_connection_opens_total{platform="${platform}"}`)).resolves.toBe(1);
    await expect(running.metric(`chatbot_connection_failures_total{platform="${platform}"}`)).resolves.toBe(0);
    const lastFrame = await running.metric(`chatbot_connection_last_frame_timestamp_seconds{platform="${platform}"}`);
    expect(Math.abs(lastFrame - Date.now() / 1000)).toBeLessThan(PATIENCE_MS / 1000);
    const status = await (await fetch(`${running.adminUrl}/status`)).json();
    expect(status).toMatchObject({
      connections: [{ platform, up: true, restarts: 0, failures: 0, downSince: null, lastError: null }],
      readiness: {
        status: 'ready',
        conditions: expect.arrayContaining([expect.objectContaining({ id: 'connection', ok: true })]),
      },
    });
    const lines = await running.logLines();
    expect(lines.filter((line) => line['event.action'] === 'connection-opened')).toMatchObject([
      { 'chatbot.platform': platform, 'chatbot.attempt': 1 },
    ]);
  });

  test('acknowledges a message while the model does not respond', async () => {
    await start({ model: true });
    await running.lab.setFault('model-stall', true);
    const sent = await running.lab[platform].sendText({ text: 'think long' });
    expect(sent).toMatchObject({ status: 200, attempts: 1, error: null });
  });

  test('acknowledges a redelivered message again and answers it once', async () => {
    await start();
    const fake = running.lab[platform];
    const { messageId, chatId } = await fake.sendText({ text: 'once' });
    await fake.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(await fake.sendText({ text: 'once', messageId, chatId })).toMatchObject({ status: 200 });
    await running.restart();
    await waitUntil('the new process is connected', async () => (await up()) === 1);
    expect(await fake.sendText({ text: 'once', messageId, chatId })).toMatchObject({ status: 200 });
    const next = await fake.sendText({ text: 'next', chatId });
    expect((await fake.waitForReply({ afterMessageId: next.messageId, timeoutMs: PATIENCE_MS })).text).toContain(
      'next',
    );
    expect(fake.sent).toHaveLength(2);
    await expect(running.metric(`chatbot_callbacks_total{platform="${platform}",outcome="duplicate"}`)).resolves.toBe(
      1,
    );
  });

  test('answers a message after a restart if it was not acknowledged before', async () => {
    await start();
    Object.assign(connections(), { ackWithinMs: 3_000, retryDelaysMs: Array(100).fill(100) });
    await running.bot.stop();
    const sent = running.lab[platform].sendText({ text: 'are you there?' });
    await running.restart();
    const { attempts, status, messageId } = await sent;
    expect({ status, late: attempts > 1 }).toEqual({ status: 200, late: true });
    const reply = await running.lab[platform].waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toContain('You said: are you there?');
  });

  test('reconnects after an outage of the platform, and logs it', async () => {
    await start();
    await running.lab.setFault(`${platform}-down`, true);
    await waitUntil('the loss is detected', async () => (await up()) === 0);
    await running.lab.setFault(`${platform}-down`, false);
    await waitUntil('the bot is connected again', async () => (await up()) === 1);
    const { messageId } = await running.lab[platform].sendText({ text: 'back?' });
    await running.lab[platform].waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    const actions = (await running.logLines()).map((line) => line['event.action']);
    expect(actions.filter((action) => String(action).startsWith('connection-'))).toEqual(
      expect.arrayContaining(['connection-opened', 'connection-closed', 'connection-opened']),
    );
  });

  test('closes all connections at shutdown, and logs neither secret nor ticket', async () => {
    await start();
    const secret = running.env[platform === 'feishu' ? 'FEISHU_APP_SECRET' : 'DINGTALK_APP_SECRET'] ?? '';
    connections().kick();
    await waitUntil('the loss is logged', async () =>
      (await running.logLines()).some((line) => line['event.action'] === 'connection-closed'),
    );
    await waitUntil('the bot is connected again', () => connections().clients.size === 1);
    await running.bot.stop();
    await waitUntil('the platform has noticed the end', () => connections().clients.size === 0);
    const text = JSON.stringify(await running.logLines());
    expect(secret).not.toBe('');
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/ticket/i);
  });
});

test('ignores a group message to another user after the bot has fetched its own id', async () => {
  running = await startBotAndLab({ env: platforms[0].env });
  await waitUntil(
    'the connection is open',
    async () => (await running.metric('chatbot_connection_up{platform="feishu"}')) === 1,
  );
  const { feishu } = running.lab;
  const asked = await feishu.sendText({ text: 'who are you?', chatType: 'group' });
  await feishu.waitForReply({ afterMessageId: asked.messageId, timeoutMs: PATIENCE_MS });
  const other = { openId: 'ou_another_user', name: 'Li' };
  await feishu.sendText({ text: '@Li lunch?', chatType: 'group', mentionsBot: false, mentions: [other] });
  const reasons = (await running.logLines('callback')).flatMap((line) =>
    line['event.action'] === 'callback-received' ? [line['event.reason']] : [],
  );
  expect(reasons).toEqual(['message', 'not_mentioned']);
});
