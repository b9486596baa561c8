// The lab as the bot's tests use it: real callbacks out, real API calls in, faults that really happen.
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
  ] as const)('the official SDK takes a $chatType message in envelope $schema as genuine', async (options) => {
    const delivery = await lab.feishu.sendText({ text: '你好 🚀', ...options });
    expect(delivery).toMatchObject({ status: 200, body: '{}', attempts: 1, error: null });
    expect(bot.taken.map(({ path, genuine }) => ({ path, genuine }))).toEqual([
      { path: '/feishu/verify', genuine: true },
    ]);
  });

  test.each([
    ['the signature', 'x-lark-signature', '0'.repeat(64)],
    ['the time', 'x-lark-request-timestamp', '1609073151'],
    ['the nonce', 'x-lark-request-nonce', 'other'],
  ])('the official SDK refuses one with %s changed', async (_name, header, value) => {
    const callback = lab.feishu.buildCallback({ text: 'hello' });
    await lab.feishu.post({ ...callback, headers: { ...callback.headers, [header]: value } });
    expect(bot.taken.map(({ genuine }) => genuine)).toEqual([false]);
  });

  test('a group message mentions the bot by its own open_id', async () => {
    const { messageId, eventId, chatId } = await lab.feishu.sendText({ text: 'hello', chatType: 'group' });
    const at = expect.stringMatching(/^\d{13}$/);
    expect(bot.taken[0]?.event).toEqual({
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

  test('an app without an Encrypt Key sends plain and unsigned', () => {
    const { headers, body } = lab.feishu.buildCallback({ text: 'hello', encrypted: false });
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8' });
    expect(JSON.parse(body.toString())).toMatchObject({ schema: '2.0' });
  });

  test('a reply by the real API is heard', async () => {
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

  test('each message waits for a reply of its own', async () => {
    bot.echoTo = lab.urls.feishu;
    for (const text of ['one', 'two']) {
      const { chatId } = await lab.feishu.sendText({ text });
      expect((await lab.feishu.waitForReply({ chatId, timeoutMs: PATIENCE_MS })).text).toBe(`Echo: ${text}`);
    }
  });

  test('a missing reply is told with the facts', async () => {
    const { messageId, chatId } = await lab.feishu.sendText({ text: 'hello' });
    const wait = lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: 20 });
    await expect(wait).rejects.toThrow(`No reply in chat ${chatId} within 20 ms; the bot sent 0 messages in all.`);
  });

  test.each([true, false])('the address check is unsigned (encrypted: %s)', async (encrypted) => {
    expect(await lab.feishu.sendChallenge({ encrypted })).toMatchObject({ ok: true, status: 200, error: null });
    expect(bot.taken[0]?.headers['x-lark-signature']).toBeUndefined();
  });
});

describe('delivery', () => {
  test('an unanswered or refused message comes again with its ids and a fresh signature', async () => {
    const patient = await startLab({ credentials, botUrl: bot.url, retryDelaysMs: [10, 10, 10] });
    bot.statuses = [500, 503];
    const attempts: (string | null)[] = [];
    const onAttempt = ({ error }: { error: string | null }) => void attempts.push(error);
    const delivery = await patient.feishu.sendText({ text: 'hello', onAttempt });
    await patient.stop();
    expect(delivery).toMatchObject({ status: 200, attempts: 3, error: null });
    expect(attempts).toEqual(['The bot answered HTTP 500: {}', 'The bot answered HTTP 503: {}', null]);
    expect(new Set(bot.taken.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(new Set(bot.taken.map(({ headers }) => headers['x-lark-request-nonce'])).size).toBe(3);
    expect(bot.taken.map(({ genuine }) => genuine)).toEqual([true, true, true]);
  });

  test('a redelivery under way ends with the lab', async () => {
    const patient = await startLab({ credentials, botUrl: bot.url, retryDelaysMs: [60_000] });
    bot.statuses = [500];
    const delivery = patient.dingtalk.sendText({ text: 'hello' });
    while (bot.taken.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await patient.stop();
    expect((await delivery).attempts).toBe(1);
  });

  test('a bot that is not there is told in words', async () => {
    await bot.stop();
    const { status, error } = await lab.feishu.sendText({ text: 'hello' });
    expect({ status, error }).toEqual({
      status: 0,
      error: `Nothing listens at ${bot.url}. Start the bot with: make up`,
    });
  });

  test('an address check has one second', async () => {
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
  test('a group message is signed, and the reply by its session webhook is heard', async () => {
    bot.echoTo = lab.urls.feishu;
    const { chatId, messageId } = await lab.dingtalk.sendText({ text: 'hello', conversationType: '2' });
    const reply = await lab.dingtalk.waitForReply({ chatId, timeoutMs: PATIENCE_MS });
    expect(reply).toMatchObject({ chatId, text: 'Echo:  hello', via: 'session' });
    const [taken] = bot.taken;
    expect({ path: taken?.path, genuine: taken?.genuine }).toEqual({ path: '/dingtalk/callback', genuine: true });
    const webhook = new RegExp(`^${lab.urls.dingtalk}/robot/sendBySession\\?session=`);
    expect(taken?.event).toEqual({
      conversationId: chatId,
      conversationType: '2',
      conversationTitle: 'Lab group',
      atUsers: [{ dingtalkId: taken?.event.chatbotUserId }],
      isInAtList: true,
      chatbotCorpId: dingtalkApp.corpId,
      chatbotUserId: expect.stringMatching(/^\$:LWCP_v1:\$/),
      msgId: messageId,
      senderNick: 'lab-user',
      isAdmin: false,
      senderId: expect.stringMatching(/^\$:LWCP_v1:\$/),
      senderStaffId: 'lab-user',
      senderCorpId: dingtalkApp.corpId,
      sessionWebhookExpiredTime: Number(taken?.event.createAt) + 5_400_000,
      sessionWebhook: expect.stringMatching(webhook),
      createAt: expect.any(Number),
      msgtype: 'text',
      text: { content: ' hello' },
      robotCode: dingtalkApp.robotCode,
    });
  });

  test('an event callback is encrypted, and the encrypted success is verified', async () => {
    const answer = await lab.dingtalk.sendEvent('chat_update_title', { Title: '告警群 🚨' });
    expect(answer).toMatchObject({ verified: true, problem: null, status: 200 });
    expect(bot.taken.map(({ event, genuine }) => ({ event, genuine }))).toEqual([
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
    ['another word', sealed('ok'), 'the answer does not decrypt to success'],
    ['another token', sealed('success', dingtalkApp.appKey, 'other'), 'the answer has a wrong msg_signature'],
    [
      'the corpId as owner key',
      sealed('success', dingtalkApp.corpId),
      'the answer does not decrypt: Wrong owner key: the text is for another app or company.',
    ],
  ])('an event answered with %s is not verified', async (_name, body, problem) => {
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
  test.each(['feishu', 'dingtalk', 'model'] as const)('%s down refuses connections and comes back', async (name) => {
    const status = () => fetch(lab.urls[name]).then((response) => response.status);
    const before = await status();
    await lab.setFault(`${name}-down`, true);
    await expect(status()).rejects.toThrow('fetch failed');
    await lab.setFault(`${name}-down`, false);
    expect(await status()).toBe(before);
  });

  test('a rotated secret signs what the bot cannot verify', async () => {
    for (const on of [true, false]) {
      await lab.setFault('dingtalk-secret-rotated', on);
      await lab.dingtalk.sendText({ text: 'hello' });
    }
    expect(bot.taken.map(({ genuine }) => genuine)).toEqual([false, true]);
  });

  test('the lab stops with every fault on', async () => {
    const other = await startLab({ credentials, botUrl: bot.url });
    for (const { name } of faults) await other.setFault(name, true);
    expect([...other.faults]).toEqual(faults.map(({ name }) => name));
    await other.stop();
  });
});

describe('starting', () => {
  test('a taken port is named with the setting that moves it', async () => {
    const taken = Number(new URL(lab.urls.dingtalk).port);
    const ports = { page: 0, feishu: 0, dingtalk: taken, model: 0 };
    await expect(startLab({ credentials, botUrl: bot.url, ports })).rejects.toThrow(
      `Port ${taken} (lab, DingTalk) is taken by another program. Stop that program, or set LAB_PORT to the first of four free ports.`,
    );
  });

  test('credentials have the platforms’ shapes and are never the same', () => {
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

  test('the bot’s settings point at the lab', () => {
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
