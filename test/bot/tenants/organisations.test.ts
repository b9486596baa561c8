// The first organisation of an app, and organisations without a tenant: log, metrics and `/status` of a running bot.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descriptors } from '../../../bot/platforms/registry.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';
import { createTenantNotices } from '../../../bot/tenants/notices.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe('a running bot', () => {
  let running: BotAndLab;
  let appId = '';
  let corpId = '';
  beforeAll(async () => {
    running = await startBotAndLab();
    appId = running.env.DINGTALK_APP_KEY ?? '';
    const { body } = running.lab.dingtalk.buildCallback({ text: 'hello' });
    corpId = (JSON.parse(String(body)) as { chatbotCorpId: string }).chatbotCorpId; // the shape that the lab sends
    const { messageId } = await running.lab.dingtalk.sendText({ text: 'first' });
    await running.lab.dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    await running.lab.dingtalk.sendText({ text: 'second' });
    for (let count = 0; count < 3; count += 1) await sendFromUnboundOrganisation(`unbound-${count}`);
  });
  afterAll(() => running.stop());

  async function sendFromUnboundOrganisation(msgId: string): Promise<void> {
    const { dingtalk } = running.lab;
    const { body } = dingtalk.buildCallback({ text: 'hello' });
    const callback = dingtalk.seal({ ...JSON.parse(String(body)), msgId, chatbotCorpId: 'dingother' });
    const response = await fetch(callback.url, { method: 'POST', headers: callback.headers, body: callback.body });
    expect(response.status).toBe(200);
  }

  const linesOf = async (action: string) => {
    const lines = await running.logLines();
    return lines.filter((line) => line['event.action'] === action);
  };
  const status = async () => (await (await fetch(`${running.adminUrl}/status`)).json()) as Record<string, unknown>;

  test('logs one warning for the first binding', async () => {
    await waitUntil('the warning', async () => (await linesOf('organisation-bound')).length > 0);
    expect(await linesOf('organisation-bound')).toEqual([
      expect.objectContaining({
        'log.level': 'warn',
        ...{ 'chatbot.platform': 'dingtalk', 'chatbot.app_id': appId, 'chatbot.organisation': corpId },
      }),
    ]);
  });

  test('logs one warning for an unbound organisation, and its id with each callback', async () => {
    await waitUntil('five callbacks in the log', async () => (await linesOf('callback-received')).length >= 5);
    expect(await linesOf('organisation-unknown')).toEqual([
      expect.objectContaining({ 'log.level': 'warn', 'chatbot.organisation': 'dingother' }),
    ]);
    const ignored = (await linesOf('callback-received')).filter((line) => line['event.reason'] === 'unknown_tenant');
    expect(ignored.map((line) => line['chatbot.organisation'])).toEqual(['dingother', 'dingother', 'dingother']);
  });

  test('counts both in the metrics', async () => {
    const boundAt = await running.metric('chatbot_organisation_bound_timestamp_seconds{platform="dingtalk"}');
    expect(Math.abs(Date.now() / 1000 - boundAt)).toBeLessThan(300);
    expect(await running.metric('chatbot_organisation_bound_timestamp_seconds{platform="feishu"}')).toBe(0);
    const series = (reason: string) => `chatbot_callbacks_ignored_total{platform="dingtalk",reason="${reason}"}`;
    expect(await running.metric(series('unknown_tenant'))).toBe(3);
    expect(await running.metric(series('not_mentioned'))).toBe(0);
  });

  test('lists both in /status', async () => {
    expect((await status()).organisations).toEqual({
      bound: [{ platform: 'dingtalk', appId, organisation: corpId, tenantId: 'default' }],
      unknown: [{ platform: 'dingtalk', appId, organisation: 'dingother', ignored: 3, lastAt: expect.any(String) }],
    });
  });
});

describe('notices', () => {
  function create() {
    const warnings: unknown[] = [];
    let now = 1_800_000_000_000;
    const notices = createTenantNotices({
      log: { warn: (_message, fields) => warnings.push(fields?.['chatbot.organisation']) },
      metrics: createMetrics({
        platforms: descriptors(),
        version: '1',
        commit: 'c',
        sessionsLimit: 5,
        models: ['offline'],
      }),
      clock: () => now,
    });
    const ignore = (externalTenantId: string) =>
      notices.ignored({ platform: 'feishu', appId: 'cli_a', externalTenantId });
    const pass = (ms: number) => {
      now += ms;
    };
    return { notices, warnings, ignore, pass };
  }

  test('warn once an hour for each organisation', () => {
    const { warnings, ignore, pass } = create();
    for (const organisation of ['a', 'a', 'b', 'a']) ignore(organisation);
    expect(warnings).toEqual(['a', 'b']);
    pass(3_599_999);
    ignore('a');
    expect(warnings).toEqual(['a', 'b']);
    pass(1);
    ignore('a');
    expect(warnings).toEqual(['a', 'b', 'a']);
  });

  test('warn again after the clock was set back', () => {
    const { warnings, ignore, pass } = create();
    ignore('a');
    pass(-7_200_000);
    ignore('a');
    expect(warnings).toEqual(['a', 'a']);
  });

  test('keep a limited number of organisations in memory', () => {
    const { notices, ignore } = create();
    for (let count = 0; count < 1_000; count += 1) ignore(`org-${count}`);
    expect(notices.unknown()).toHaveLength(20);
    expect(notices.unknown().at(-1)).toMatchObject({ organisation: 'org-999', ignored: 1 });
  });
});
