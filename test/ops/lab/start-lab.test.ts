// Checks the lab that the bot's tests use: real callbacks, real API calls, and real failures as faults.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { callbackSignature, encryptEvent } from '../../../ops/lab/dingtalk/crypto.ts';
import { faults } from '../../../ops/lab/faults.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { type StandInBot, startStandInBot } from './stand-in-bot.ts';

const credentials = generateCredentials();
const { feishu: feishuApp, dingtalk: dingtalkApp } = credentials;
let bot: StandInBot;
let lab: Lab;

beforeEach(async () => {
  bot = await startStandInBot(credentials);
  lab = await startLab({ credentials, botUrl: bot.url, ackWithinMs: PATIENCE_MS });
});
afterEach(async () => {
  await lab.stop();
  await bot.stop();
});

describe('Feishu messages', () => {
  test.each([
    { schema: '2.0', chatType: 'p2p' },
    { schema: '2.0', chatType: 'group' },
    { schema: '1.0', chatType: 'p2p' },
    { schema: '1.0', chatType: 'group' },
  ] as const)('sends a $chatType message in envelope $schema that the official SDK verifies', async (options) => {
    const delivery = await lab.feishu.sendText({ text: '你好 🚀', ...options });
    expect(delivery).toMatchObject({ status: 200, body: '{}', attempts: 1, error: null });
    expect(bot.callbacks.map(({ path, genuine }) => ({ path, genuine }))).toEqual([
      { path: '/feishu/verify', genuine: true },
    ]);
  });

  test.each([
    ['the signature', 'x-lark-signature', '0'.repeat(64)],
    ['the time', 'x-lark-request-timestamp', '1609073151'],
    ['the nonce', 'x-lark-request-nonce', 'other'],
  ])('sends a message that the official SDK rejects after a change of %s', async (_name, header, value) => {
    const callback = lab.feishu.buildCallback({ text: 'hello' });
    await lab.feishu.post({ ...callback, headers: { ...callback.headers, [header]: value } });
    expect(bot.callbacks.map(({ genuine }) => genuine)).toEqual([false]);
  });

  test('mentions the bot in a group message by its own open_id', async () => {
    const { messageId, eventId, chatId } = await lab.feishu.sendText({ text: 'hello', chatType: 'group' });
    const at = expect.stringMatching(/^\d{13}$/);
    expect(bot.callbacks[0]?.event).toEqual({
      schema: '2.0',
      header: {
        event_id: eventId,
        event_type: 'im.message.receive_v1',
        create_time: at,
        token: feishuApp.verificationToken,
        app_id: feishuApp.appId,
        tenant_key: feishuApp.tenantKey,
      },
      event: {
        sender: {
          sender_id: {
            union_id: expect.stringMatching(/^on_/),
            user_id: expect.any(String),
            open_id: expect.stringMatching(/^ou_/),
          },
          sender_type: 'user',
          tenant_key: feishuApp.tenantKey,
        },
        message: {
          message_id: messageId,
          create_time: at,
          update_time: at,
          chat_id: chatId,
          chat_type: 'group',
          message_type: 'text',
          content: '{"text":"@_user_1 hello"}',
          mentions: [
            {
              key: '@_user_1',
              id: { union_id: expect.any(String), user_id: '', open_id: feishuApp.botOpenId },
              name: 'Bot',
              mentioned_type: 'bot',
              tenant_key: feishuApp.tenantKey,
            },
          ],
        },
      },
    });
  });

  test('sends plain and unsigned without an Encrypt Key', () => {
    const { headers, body } = lab.feishu.buildCallback({ text: 'hello', encrypted: false });
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(JSON.parse(body.toString())).toMatchObject({ schema: '2.0' });
  });

  test('receives a reply by the real API', async () => {
    bot.echoTo = lab.urls.feishu;
    const { messageId, chatId } = await lab.feishu.sendText({ text: 'hello' });
    const reply = await lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply).toEqual({
      messageId: expect.stringMatching(/^om_/),
      chatId,
      text: 'Echo: hello',
      type: 'text',
      via: 'reply',
      uuid: null,
      replyTo: messageId,
      at: expect.any(Number),
    });
    expect(lab.feishu.sent).toEqual([reply]);
  });

  test('waits for the reply to each message', async () => {
    bot.echoTo = lab.urls.feishu;
    for (const text of ['one', 'two']) {
      const { chatId } = await lab.feishu.sendText({ text });
      expect((await lab.feishu.waitForReply({ chatId, timeoutMs: PATIENCE_MS })).text).toBe(`Echo: ${text}`);
    }
  });

  test('reports a missing reply with the number of sent messages', async () => {
    const { messageId, chatId } = await lab.feishu.sendText({ text: 'hello' });
    const wait = lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: 20 });
    await expect(wait).rejects.toThrow(`No reply in chat ${chatId} within 20 ms; the bot sent 0 messages in all.`);
  });

  test.each([true, false])('sends the address check unsigned (encrypted: %s)', async (encrypted) => {
    expect(await lab.feishu.sendChallenge({ encrypted })).toMatchObject({ ok: true, status: 200, error: null });
    expect(bot.callbacks[0]?.headers['x-lark-signature']).toBeUndefined();
  });
});

describe('delivery', () => {
  test('repeats a message with its ids and a new signature until the bot accepts it', async () => {
    const patient = await startLab({ credentials, botUrl: bot.url, retryDelaysMs: [10, 10, 10] });
    bot.statuses = [500, 503];
    const attempts: (string | null)[] = [];
    const onAttempt = ({ error }: { error: string | null }) => void attempts.push(error);
    const delivery = await patient.feishu.sendText({ text: 'hello', onAttempt });
    await patient.stop();
    expect(delivery).toMatchObject({ status: 200, attempts: 3, error: null });
    expect(attempts).toEqual(['The bot answered HTTP 500: {}', 'The bot answered HTTP 503: {}', null]);
    expect(new Set(bot.callbacks.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(new Set(bot.callbacks.map(({ headers }) => headers['x-lark-request-nonce'])).size).toBe(3);
    expect(bot.callbacks.map(({ genuine }) => genuine)).toEqual([true, true, true]);
  });

  test('cancels a pending redelivery when the lab stops', async () => {
    const patient = await startLab({ credentials, botUrl: bot.url, retryDelaysMs: [60_000] });
    bot.statuses = [500];
    const delivery = patient.dingtalk.sendText({ text: 'hello' });
    while (bot.callbacks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await patient.stop();
    expect((await delivery).attempts).toBe(1);
  });

  test('reports that the bot is not running', async () => {
    await bot.stop();
    const { status, error } = await lab.feishu.sendText({ text: 'hello' });
    expect({ status, error }).toEqual({
      status: 0,
      error: `Nothing listens at ${bot.url}. Start the bot with: make up`,
    });
  });

  test('limits the address check to one second', async () => {
    bot.statuses = [0];
    const punctual = await startLab({ credentials, botUrl: bot.url });
    const { ok, error, ackMs } = await punctual.feishu.sendChallenge();
    await punctual.stop();
    expect({ ok, error }).toEqual({
      ok: false,
      error: `The bot at ${bot.url} did not answer within 1000 ms. Look at its log with: make logs`,
    });
    expect(ackMs).toBeGreaterThanOrEqual(990);
  });
});

describe('DingTalk', () => {
  test('signs a group message, and receives the reply by its session webhook', async () => {
    bot.echoTo = lab.urls.feishu;
    const { chatId, messageId } = await lab.dingtalk.sendText({ text: 'hello', conversationType: '2' });
    const reply = await lab.dingtalk.waitForReply({ chatId, timeoutMs: PATIENCE_MS });
    expect(reply).toMatchObject({ chatId, text: 'Echo:  hello', via: 'session' });
    const [callback] = bot.callbacks;
    expect({ path: callback?.path, genuine: callback?.genuine }).toEqual({ path: '/dingtalk/callback', genuine: true });
    const webhook = new RegExp(`^${lab.urls.dingtalk}/robot/sendBySession\\?session=`);
    expect(callback?.event).toEqual({
      conversationId: chatId,
      conversationType: '2',
      conversationTitle: 'Lab group',
      atUsers: [{ dingtalkId: callback?.event.chatbotUserId }],
      isInAtList: true,
      chatbotCorpId: dingtalkApp.corpId,
      chatbotUserId: expect.stringMatching(/^\$:LWCP_v1:\$/),
      msgId: messageId,
      senderNick: 'lab-user',
      isAdmin: false,
      senderId: expect.stringMatching(/^\$:LWCP_v1:\$/),
      senderStaffId: 'lab-user',
      senderCorpId: dingtalkApp.corpId,
      sessionWebhookExpiredTime: Number(callback?.event.createAt) + 5_400_000,
      sessionWebhook: expect.stringMatching(webhook),
      createAt: expect.any(Number),
      msgtype: 'text',
      text: { content: ' hello' },
      robotCode: dingtalkApp.robotCode,
    });
  });

  test('encrypts an event callback, and verifies the encrypted success', async () => {
    const answer = await lab.dingtalk.sendEvent('chat_update_title', { Title: '告警群 🚨' });
    expect(answer).toMatchObject({ verified: true, problem: null, status: 200 });
    expect(bot.callbacks.map(({ event, genuine }) => ({ event, genuine }))).toEqual([
      { event: { EventType: 'chat_update_title', Title: '告警群 🚨' }, genuine: true },
    ]);
  });

  const sealed = (text: string, owner = dingtalkApp.appKey, token = dingtalkApp.token) => {
    const encrypt = encryptEvent(text, dingtalkApp.aesKey, owner);
    const parts = { timestamp: '1', nonce: 'n', encrypt };
    return { msg_signature: callbackSignature({ token, ...parts }), timeStamp: '1', nonce: 'n', encrypt };
  };
  test.each([
    ['nothing', {}, 'the answer needs msg_signature, timeStamp, nonce and encrypt'],
    ['plain success', 'success', 'the answer needs msg_signature, timeStamp, nonce and encrypt'],
    ['another text', sealed('ok'), 'the answer does not decrypt to success'],
    ['another token', sealed('success', dingtalkApp.appKey, 'other'), 'the answer has a wrong msg_signature'],
    [
      'the corpId as owner key',
      sealed('success', dingtalkApp.corpId),
      'the answer does not decrypt: Wrong owner key: the text is for another app or company.',
    ],
  ])('does not verify an event answered with %s', async (_name, body, problem) => {
    const server = createServer((_request, response) => void response.end(JSON.stringify(body)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server listening on TCP always has an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const other = await startLab({ credentials, botUrl: `http://127.0.0.1:${port}` });
    expect(await other.dingtalk.sendEvent('check_url')).toMatchObject({ verified: false, problem });
    await other.stop();
    server.close();
  });
});

describe('faults', () => {
  test.each(['feishu', 'dingtalk', 'model'] as const)(
    '%s down closes the listener, and opens it again',
    async (name) => {
      const status = () => fetch(lab.urls[name]).then((response) => response.status);
      const before = await status();
      await lab.setFault(`${name}-down`, true);
      await expect(status()).rejects.toThrow('fetch failed');
      await lab.setFault(`${name}-down`, false);
      expect(await status()).toBe(before);
    },
  );

  test('signs callbacks with the rotated secret', async () => {
    for (const on of [true, false]) {
      await lab.setFault('dingtalk-secret-rotated', on);
      await lab.dingtalk.sendText({ text: 'hello' });
    }
    expect(bot.callbacks.map(({ genuine }) => genuine)).toEqual([false, true]);
  });

  test('stops with every fault on', async () => {
    const other = await startLab({ credentials, botUrl: bot.url });
    for (const { name } of faults) await other.setFault(name, true);
    expect([...other.faults]).toEqual(faults.map(({ name }) => name));
    await other.stop();
  });
});

describe('starting', () => {
  test('names a port in use, with the setting that changes it', async () => {
    const usedPort = Number(new URL(lab.urls.dingtalk).port);
    const ports = { page: 0, feishu: 0, dingtalk: usedPort, model: 0 };
    await expect(startLab({ credentials, botUrl: bot.url, ports })).rejects.toThrow(
      `Port ${usedPort} (lab, DingTalk) is taken by another program. Stop that program, or set LAB_PORT to the first of four free ports.`,
    );
  });

  test('generates different credentials each time, in the platforms’ shapes', () => {
    const made = generateCredentials();
    expect(made).toEqual({
      feishu: {
        appId: expect.stringMatching(/^cli_[0-9a-f]{16}$/),
        appSecret: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        encryptKey: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        verificationToken: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        tenantKey: expect.stringMatching(/^[0-9a-f]{16}$/),
        botOpenId: expect.stringMatching(/^ou_[0-9a-f]{32}$/),
      },
      dingtalk: {
        appKey: expect.stringMatching(/^ding[A-Za-z0-9]{16}$/),
        appSecret: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
        aesKey: expect.stringMatching(/^[A-Za-z0-9]{43}$/),
        token: expect.stringMatching(/^[A-Za-z0-9]{24}$/),
        robotCode: made.dingtalk.appKey,
        corpId: expect.stringMatching(/^ding[0-9a-f]{32}$/),
      },
      model: { apiKey: expect.stringMatching(/^sk-[A-Za-z0-9]{40}$/), name: 'lab-model' },
    });
    expect(made.feishu.appSecret).not.toBe(feishuApp.appSecret);
  });

  test('builds settings with the addresses of the lab', () => {
    expect(botEnvironment(credentials, lab.urls)).toEqual({
      FEISHU_APP_ID: feishuApp.appId,
      FEISHU_APP_SECRET: feishuApp.appSecret,
      FEISHU_ENCRYPT_KEY: feishuApp.encryptKey,
      FEISHU_VERIFICATION_TOKEN: feishuApp.verificationToken,
      FEISHU_BASE_URL: lab.urls.feishu,
      DINGTALK_APP_KEY: dingtalkApp.appKey,
      DINGTALK_APP_SECRET: dingtalkApp.appSecret,
      DINGTALK_AES_KEY: dingtalkApp.aesKey,
      DINGTALK_TOKEN: dingtalkApp.token,
      DINGTALK_ROBOT_CODE: dingtalkApp.robotCode,
      DINGTALK_API_BASE_URL: lab.urls.dingtalk,
      DINGTALK_OAPI_BASE_URL: lab.urls.dingtalk,
      MODEL_BASE_URL: `${lab.urls.model}/v1`,
      MODEL_API_KEY: credentials.model.apiKey,
      MODEL_NAME: 'lab-model',
    });
  });
});
