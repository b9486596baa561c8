// Tests the robots of both platforms over HTTP: address, signature, idempotency key, rate limit, and hints.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import fc from 'fast-check';
import { createAlertReceivers } from '../../../bot/alerts/receivers.ts';
import type { AlertReceiver } from '../../../bot/domain/alert.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { dingtalkUrl } from '../../../bot/platforms/dingtalk/alert-receiver.ts';
import { feishuBody } from '../../../bot/platforms/feishu/alert-receiver.ts';
import { type Listener, listen } from '../../../ops/lab/common/listener.ts';
import { createSentLog } from '../../../ops/lab/common/sent-log.ts';
import { generateCredentials } from '../../../ops/lab/credentials.ts';
import { robotSign } from '../../../ops/lab/dingtalk/crypto.ts';
import { createFakeDingtalk, type FakeDingtalk } from '../../../ops/lab/dingtalk/fake-dingtalk.ts';
import { customBotSign } from '../../../ops/lab/feishu/crypto.ts';
import { type CustomBot, createCustomBot } from '../../../ops/lab/feishu/custom-bot.ts';

const alert = { text: 'Chatbot alert\n[critical] down', key: 'k1' };
const http = createHttpClient();
const feishuSent = createSentLog(() => undefined);
let bot: CustomBot;
let dingtalk: FakeDingtalk;
let stopDingtalk: () => void;
let listeners: { feishu: Listener; dingtalk: Listener };

beforeEach(async () => {
  bot = { id: '01234567-89ab-cdef-0123-456789abcdef', secret: 'secret of the bot' };
  const now = Date.now;
  const app = express().use('/open-apis', createCustomBot({ bot, log: feishuSent, limitsRates: () => true, now }));
  const feishu = await listen('Feishu', 0, app);
  const created = createFakeDingtalk({
    app: generateCredentials().dingtalk,
    botUrl: 'http://127.0.0.1:9',
    ownUrl: () => '',
    faults: new Set(),
    retryDelaysMs: [],
    observer: { userWrote: () => undefined, attempted: () => undefined, botSent: () => undefined },
  });
  dingtalk = created.fake;
  stopDingtalk = created.stop;
  listeners = { feishu, dingtalk: await listen('DingTalk', 0, created.handler) };
});
afterEach(async () => {
  stopDingtalk();
  await Promise.all([listeners.feishu.close(), listeners.dingtalk.close()]);
  http.close();
});

function receiversOf(webhooks: { feishu?: string; dingtalk?: string }, clock = Date.now): AlertReceiver[] {
  const settings = {
    ALERT_FEISHU_WEBHOOK: webhooks.feishu,
    ALERT_FEISHU_SECRET: bot.secret,
    ALERT_DINGTALK_WEBHOOK: webhooks.dingtalk,
    ALERT_DINGTALK_SECRET: dingtalk.customRobot.secret,
    FEISHU_BASE_URL: listeners.feishu.url,
    DINGTALK_OAPI_BASE_URL: listeners.dingtalk.url,
  };
  return createAlertReceivers({ settings, http, clock });
}
const deliver = (receivers: AlertReceiver[], given = alert) => Promise.all(receivers.map((one) => one.deliver(given)));
const toDingtalk = (clock?: () => number) => receiversOf({ dingtalk: dingtalk.customRobot.token }, clock);
const toFeishu = () => receiversOf({ feishu: bot.id });

test('accepts the complete webhook or its token alone', async () => {
  const { token } = dingtalk.customRobot;
  const complete = {
    feishu: `${listeners.feishu.url}/open-apis/bot/v2/hook/${bot.id}`,
    dingtalk: `${listeners.dingtalk.url}/robot/send?access_token=${token}`,
  };
  for (const webhooks of [complete, { feishu: bot.id, dingtalk: token }]) {
    expect(await deliver(receiversOf(webhooks), { ...alert, key: JSON.stringify(webhooks) })).toEqual([
      undefined,
      undefined,
    ]);
  }
  expect(dingtalk.sent.map(({ text }) => text)).toEqual([alert.text, alert.text]);
  expect(feishuSent.sent.map(({ text }) => text)).toEqual([alert.text, alert.text]);
});

describe('a rejection has a hint', () => {
  test.each(['english', 'chinese'] as const)('DingTalk, in %s', async (language) => {
    const hints: Record<string, string> = {};
    const provoke = async (name: string, settings: object, clock?: () => number) => {
      Object.assign(dingtalk.customRobot, { language, keywords: [], allowedIps: [] }, settings);
      const [rejection] = await deliver(toDingtalk(clock));
      hints[name] =
        `${rejection?.class} ${rejection?.code} ${/keyword|allow list|NTP|SEC/.exec(rejection?.hint ?? '')}`;
    };
    await provoke('keyword', { keywords: ['Grafana'] });
    await provoke('address', { allowedIps: ['203.0.113.7'] });
    const [denied] = await deliver(toDingtalk());
    expect(denied?.hint).toContain('127.0.0.1'); // the address to allow
    await provoke('clock', {}, () => Date.now() - 7_200_000);
    const receivers = toDingtalk();
    Object.assign(dingtalk.customRobot, { secret: 'SECother' });
    const [rejection] = await deliver(receivers);
    hints.secret = `${rejection?.class} ${rejection?.code} ${/SEC/.exec(rejection?.hint ?? '')}`;
    expect(hints).toEqual({
      keyword: 'content_rejected 310000 keyword',
      address: 'ip_denied 310000 allow list',
      clock: 'signature 310000 NTP',
      secret: 'signature 310000 SEC',
    });
  });

  test.each([
    ['a keyword', { keywords: ['Grafana'] }, 'content_rejected', '19024', /keyword/],
    ['an address', { allowedIps: ['203.0.113.7'] }, 'ip_denied', '19022', /address/],
    ['the signature', { secret: 'other' }, 'signature', '19021', /secret/],
  ])('Feishu: %s', async (_name, settings, name, code, hint) => {
    const receivers = toFeishu();
    Object.assign(bot, settings);
    expect(await deliver(receivers)).toEqual([{ class: name, code, hint: expect.stringMatching(hint) }]);
  });
});

test('DingTalk shows a repeated notification once, and again if it still fires hours later', async () => {
  for (const hours of [0, 0, 0.99])
    await deliver(toDingtalk(() => Math.floor(Date.now() / 3_600_000) * 3_600_000 + hours * 3_600_000));
  await deliver(toDingtalk(), { ...alert, key: 'k2' });
  const keys = dingtalk.sent.map(({ uuid }) => uuid);
  expect(keys.map((key) => key?.slice(0, 3))).toEqual(['k1-', 'k2-']);
});

test('rejects the 21st alert within a minute, because a DingTalk robot accepts 20', async () => {
  const receivers = toDingtalk();
  const codes = [];
  for (let count = 0; count < 22; count += 1) {
    codes.push((await deliver(receivers, { ...alert, key: `k${count}` }))[0]?.code);
  }
  expect(codes).toEqual([...Array(20).fill(undefined), 'PACED', 'PACED']);
  expect(dingtalk.sent).toHaveLength(20);
});

test.each([-1_800_000, 1_800_000])('a clock step of %i ms does not change the limit', async (moved) => {
  let offset = 0;
  const receivers = toDingtalk(() => Date.now() + offset);
  const codes = [];
  for (let count = 0; count < 21; count += 1) {
    if (count === 10) offset = moved;
    codes.push((await deliver(receivers, { ...alert, key: `k${count}` }))[0]?.code);
  }
  expect(codes).toEqual([...Array(20).fill(undefined), 'PACED']);
});

test('sends alerts after the clock was set back', async () => {
  let offset = 0;
  const receivers = receiversOf({ feishu: bot.id }, () => Date.now() + offset);
  for (let count = 0; count < 5; count += 1) expect(await deliver(receivers)).toEqual([undefined]);
  offset = -1_800_000;
  expect(await deliver(receivers)).toEqual([undefined]);
});

test.each([
  [{ code: 0, msg: 'success' }, true],
  [{ StatusCode: 0, StatusMessage: 'success' }, true],
  [{ code: 0, StatusCode: null }, true],
  [{ code: null, StatusCode: 0 }, true],
  [{ code: 19001, StatusCode: 0 }, false],
  [{ code: null, StatusCode: null }, false],
  [{ code: '0' }, false],
])('Feishu answers %j: accepted is %s', async (answer, accepted) => {
  const handler = express().post('/open-apis/bot/v2/hook/any', (_request, response) => void response.json(answer));
  const listener = await listen('Feishu', 0, handler);
  const rejections = await deliver(receiversOf({ feishu: `${listener.url}/open-apis/bot/v2/hook/any` }));
  await listener.close();
  expect(rejections.map((rejection) => rejection === undefined)).toEqual([accepted]);
});

test('six alerts at once reach Feishu at no more than five a second', async () => {
  const receivers = toFeishu();
  const before = feishuSent.sent.length;
  expect(await Promise.all(Array.from({ length: 6 }, () => receivers[0]?.deliver(alert)))).toEqual(
    Array(6).fill(undefined),
  );
  const [first, ...others] = feishuSent.sent.slice(before).map(({ at }) => at);
  expect((others.at(-1) ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test('signs as each platform does, for any secret and time', () => {
  const secrets = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(secrets, fc.integer({ min: 1e12, max: 4e12 }), (secret, now) => {
      const clock = () => now;
      const url = new URL(dingtalkUrl({ url: 'https://oapi.dingtalk.com/robot/send?access_token=t', secret, clock }));
      const { timestamp = '', sign } = Object.fromEntries(url.searchParams);
      expect({ timestamp, sign }).toEqual({ timestamp: String(now), sign: robotSign(String(now), secret) });
      const body = feishuBody({ secret, clock }, 'x') as Record<string, string>; // its members are checked next
      const seconds = String(Math.floor(now / 1000));
      expect(body).toMatchObject({ timestamp: seconds, sign: customBotSign(seconds, secret) });
      expect(body.sign).not.toBe(sign);
      // The signature is percent-encoded once, so a query keeps its plus, slash and equals signs.
      expect(url.search).not.toMatch(/sign=.*[+/]/);
    }),
    { numRuns: 50 },
  );
});
