// Tests the alert relay end to end, from a signed request to the admin listener to the robots of both platforms.
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';

const secret = 'a-relay-secret-that-is-long';
const alert = { status: 'firing', labels: { alertname: 'BotDown', severity: 'critical' } };
const body = JSON.stringify({ receiver: 'chat', alerts: [alert] });
const text = 'Chatbot alert\n[critical] BotDown';
let groups: Lab;
let running: BotAndLab;

/** Settings of the webhooks. The robots run in a separate lab, because the bot needs their addresses at its start. */
const webhooks = () => ({
  ALERT_RELAY_SECRET: secret,
  ALERT_FEISHU_WEBHOOK: groups.urls.feishu + groups.feishu.customBot.path,
  ALERT_FEISHU_SECRET: groups.feishu.customBot.secret,
  ALERT_DINGTALK_WEBHOOK: `${groups.urls.dingtalk}/robot/send?access_token=${groups.dingtalk.customRobot.token}`,
  ALERT_DINGTALK_SECRET: groups.dingtalk.customRobot.secret,
});

beforeEach(async () => {
  groups = await startLab({ credentials: generateCredentials(), botUrl: 'http://127.0.0.1:9' });
});
afterEach(async () => {
  await running.stop();
  await groups.stop();
});

async function start(changes: Record<string, string> = {}): Promise<void> {
  running = await startBotAndLab({ env: { ...webhooks(), ...changes } });
}

const now = () => String(Math.floor(Date.now() / 1000));

async function post(
  content = body,
  { key = secret, timestamp = now() } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${running.adminUrl}/alerts/grafana`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-grafana-alerting-timestamp': timestamp,
      'x-grafana-alerting-signature': createHmac('sha256', key).update(`${timestamp}:${content}`).digest('hex'),
    },
    body: content,
  });
  return { status: response.status, body: await response.json() };
}

/** Returns the counts of the relay that are not zero. */
async function counts(): Promise<string[]> {
  const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
  const series = metrics.matchAll(/^chatbot_alert_relay_total\{receiver="(\w+)",outcome="(\w+)"\} ([1-9]\d*)$/gm);
  return [...series].map(([, receiver, outcome, count]) => `${receiver} ${outcome} ${count}`).toSorted();
}

async function relayed() {
  const lines = (await running.logLines()).filter((line) => line['event.action'] === 'alert-relayed');
  const summaries = lines.map(
    (line) => `${line['chatbot.platform']} ${line['event.outcome']} ${line['error.code'] ?? ''}`,
  );
  return summaries.map((line) => line.trim()).toSorted();
}

const received = () => [groups.feishu.sent, groups.dingtalk.sent].map((sent) => sent.map((one) => one.text));

test('sends an alert to both groups, counts it and logs it', async () => {
  await start();
  expect(await post()).toEqual({ status: 200, body: {} });
  expect(received()).toEqual([[text], [text]]);
  expect(await counts()).toEqual(['dingtalk delivered 1', 'feishu delivered 1']);
  expect(await relayed()).toEqual(['dingtalk success', 'feishu success']);
});

test('sends an alert to one group if only one is set', async () => {
  await start({ ALERT_DINGTALK_WEBHOOK: '', ALERT_DINGTALK_SECRET: '' });
  expect((await post()).status).toBe(200);
  expect(received()).toEqual([[text], []]);
});

describe('if one group rejects an alert, the bot logs the rejection and the other group gets the alert', () => {
  test.each([
    { name: 'a wrong secret (Feishu)', changes: { ALERT_FEISHU_SECRET: 'wrong' }, failed: 'feishu', code: '19021' },
    { name: 'no secret (Feishu)', changes: { ALERT_FEISHU_SECRET: '' }, failed: 'feishu', code: '19021' },
    {
      name: 'a wrong secret (DingTalk)',
      changes: { ALERT_DINGTALK_SECRET: 'SECx' },
      failed: 'dingtalk',
      code: '310000',
    },
    { name: 'no secret (DingTalk)', changes: { ALERT_DINGTALK_SECRET: '' }, failed: 'dingtalk', code: '310000' },
  ])('$name', async ({ changes, failed, code }) => {
    await start(changes);
    expect(await post()).toEqual({ status: 502, body: { error: 'not delivered' } });
    const other = failed === 'feishu' ? 'dingtalk' : 'feishu';
    expect(received()).toEqual(failed === 'feishu' ? [[], [text]] : [[text], []]);
    expect(await counts()).toEqual([`${failed} failed 1`, `${other} delivered 1`].toSorted());
    expect(await relayed()).toEqual([`${failed} failure ${code}`, `${other} success`].toSorted());
  });

  test('a platform that is down, and the retry after it is up again', async () => {
    await start();
    await groups.setFault('feishu-down', true);
    expect((await post()).status).toBe(502);
    expect(await relayed()).toEqual(['dingtalk success', 'feishu failure ECONNREFUSED']);
    await groups.setFault('feishu-down', false);
    expect((await post(body, { timestamp: String(Number(now()) + 1) })).status).toBe(200);
    // DingTalk detects the second attempt by its idempotency key.
    expect(received()).toEqual([[text], [text]]);
  });

  test('an HTTP answer that is not from the platform', async () => {
    await start({
      ALERT_FEISHU_WEBHOOK: `${groups.urls.feishu}/elsewhere`,
      ALERT_DINGTALK_WEBHOOK: '',
      ALERT_DINGTALK_SECRET: '',
    });
    expect((await post()).status).toBe(502);
    expect(await relayed()).toEqual(['feishu failure HTTP 404']);
  });
});

describe('a signed request', () => {
  const reused = { status: 401, body: { error: 'signature_reused' } };

  test('is accepted once if it is posted repeatedly, also at the same time', async () => {
    await start();
    const timestamp = now();
    expect((await post(body, { timestamp })).status).toBe(200);
    expect(await post(body, { timestamp })).toEqual(reused);
    const several = await Promise.all([1, 2, 3].map(() => post(body, { timestamp })));
    expect(several).toEqual([reused, reused, reused]);
    expect(received()).toEqual([[text], [text]]);
    expect(await counts()).toContain('feishu rejected 4');
  });

  test('reaches each group once if it is posted several times at once', async () => {
    await start();
    const timestamp = now();
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(body, { timestamp })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect(received()).toEqual([[text], [text]]);
  });

  test('is accepted again after a failure, and sent only to the group without the alert', async () => {
    await start();
    const timestamp = now();
    await groups.setFault('dingtalk-down', true);
    expect((await post(body, { timestamp })).status).toBe(502);
    expect((await post(body, { timestamp })).status).toBe(502);
    await groups.setFault('dingtalk-down', false);
    expect((await post(body, { timestamp })).status).toBe(200);
    expect(await post(body, { timestamp })).toEqual(reused);
    expect(received()).toEqual([[text], [text]]);
  });
});

test('an alert mentions no person', async () => {
  await start();
  const summary = '<at user_id="all">all</at> <AT id=ou_1></AT> @all @所有人 @13800000000 a@example.com';
  expect((await post(JSON.stringify({ alerts: [{ ...alert, annotations: { summary } }] }))).status).toBe(200);
  const [feishu = '', dingtalk = ''] = received().map(([sent]) => sent);
  expect(feishu).not.toMatch(/<\/?at/i);
  expect(feishu).toContain('<\u200bat user_id="all">');
  expect(dingtalk).not.toMatch(/@(all|所有人|\d)/);
  expect(dingtalk).toContain('a@example.com');
});

test('logs the hint for a rejection', async () => {
  await start();
  groups.dingtalk.customRobot.keywords.push('Grafana');
  await post();
  const [line] = (await running.logLines()).filter((one) => one['event.outcome'] === 'failure');
  expect(line).toMatchObject({
    'event.action': 'alert-relayed',
    'event.reason': 'content_rejected',
    'error.code': '310000',
    'error.message': expect.stringContaining('keyword'),
  });
});

test('both platforms accept the largest text of a notification', async () => {
  await start();
  const long = { ...alert, annotations: { summary: '慢'.repeat(2_000), runbook_url: `http://docs/${'a'.repeat(60)}` } };
  expect((await post(JSON.stringify({ alerts: Array(30).fill(long) }))).status).toBe(200);
});

test.each([
  { name: 'a wrong signature', options: { key: 'other' }, content: body, status: 401, error: 'signature_mismatch' },
  { name: 'no JSON', options: {}, content: 'alert!', status: 400, error: 'malformed_alert' },
  { name: 'no alerts', options: {}, content: '{"alerts":[]}', status: 400, error: 'malformed_alert' },
])('rejects $name without sending it', async ({ options, content, status, error }) => {
  await start();
  expect(await post(content, options)).toEqual({ status, body: { error } });
  expect(received()).toEqual([[], []]);
  expect(await counts()).toEqual(status === 401 ? ['dingtalk rejected 1', 'feishu rejected 1'] : []);
});

test.each([
  { unset: ['ALERT_RELAY_SECRET'], missing: 'ALERT_RELAY_SECRET' },
  {
    unset: ['ALERT_FEISHU_WEBHOOK', 'ALERT_DINGTALK_WEBHOOK', 'ALERT_FEISHU_SECRET', 'ALERT_DINGTALK_SECRET'],
    missing: 'ALERT_FEISHU_WEBHOOK or ALERT_DINGTALK_WEBHOOK',
  },
])('answers 503 with the missing setting without $missing', async ({ unset, missing }) => {
  await start(Object.fromEntries(unset.map((name) => [name, ''])));
  expect(await post()).toEqual({ status: 503, body: { error: `Alerts cannot be delivered. Set ${missing}.` } });
});

test('logs no secret of the webhooks', async () => {
  await start();
  await groups.setFault('dingtalk-down', true);
  await post();
  await running.bot.stop();
  const log = JSON.stringify(await running.logLines());
  const { token, secret: robotSecret } = groups.dingtalk.customRobot;
  const { path, secret: botSecret } = groups.feishu.customBot;
  for (const hidden of [token, robotSecret, path, botSecret, secret]) expect(log).not.toContain(hidden);
});
