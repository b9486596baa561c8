// Tests the verification of Grafana's signature and the text of an alert.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { alertGroup, alertText, isFromGrafana } from '../../../bot/alerts/grafana-webhook.ts';
import { feishuBody } from '../../../bot/platforms/feishu/alert-receiver.ts';

const now = Date.parse('2026-11-22T09:00:00Z');
const at = (seconds: number) => String(now / 1000 + seconds);
const rawBody = Buffer.from('{"alerts":[{"status":"firing","labels":{"alertname":"延迟"}}]}');
const sign = (timestamp: string, { secret = 's3cret', body = rawBody } = {}) =>
  createHmac('sha256', secret).update(`${timestamp}:${body}`).digest('hex');

describe('accepts requests of Grafana only', () => {
  test.each([
    { name: 'a valid signature', timestamp: at(0), signature: sign(at(0)), accepted: true },
    { name: 'five minutes ago', timestamp: at(-300), signature: sign(at(-300)), accepted: true },
    { name: 'five minutes in the future', timestamp: at(300), signature: sign(at(300)), accepted: true },
    { name: 'more than five minutes ago', timestamp: at(-301), signature: sign(at(-301)), accepted: false },
    { name: 'more than five minutes in the future', timestamp: at(301), signature: sign(at(301)), accepted: false },
    { name: 'an old signature with a new timestamp', timestamp: at(0), signature: sign(at(-301)), accepted: false },
    { name: 'another secret', timestamp: at(0), signature: sign(at(0), { secret: 'other' }), accepted: false },
    {
      name: 'another body',
      timestamp: at(0),
      signature: sign(at(0), { body: Buffer.from('{}') }),
      accepted: false,
    },
    { name: 'no signature', timestamp: at(0), signature: undefined, accepted: false },
    { name: 'an empty signature', timestamp: at(0), signature: '', accepted: false },
    { name: 'no timestamp', timestamp: undefined, signature: sign(''), accepted: false },
    { name: 'a timestamp that is no number', timestamp: 'now', signature: sign('now'), accepted: false },
  ])('$name: $accepted', ({ timestamp, signature, accepted }) => {
    expect(isFromGrafana('s3cret', { signature, timestamp, rawBody, now })).toBe(accepted);
  });
});

const slow = {
  status: 'firing',
  labels: { alertname: 'InferenceSlow', severity: 'warning' },
  annotations: { summary: 'Model answers take 1.3 s', runbook_url: 'http://docs/slow' },
};
const down = { status: 'firing', labels: { alertname: 'BotDown', severity: 'critical' }, annotations: {} };
const over = { ...slow, status: 'resolved' };

describe('alert text', () => {
  test.each([
    { name: 'firing', alerts: [slow], lines: ['[warning] Model answers take 1.3 s http://docs/slow'] },
    { name: 'resolved, without a runbook', alerts: [over], lines: ['[resolved] Model answers take 1.3 s'] },
    {
      name: 'mixed, in the order of Grafana',
      alerts: [down, over],
      lines: ['[critical] BotDown', '[resolved] Model answers take 1.3 s'],
    },
    { name: 'without annotations', alerts: [{ status: 'firing', labels: { alertname: 'A' } }], lines: ['[alert] A'] },
    { name: 'without labels and annotations', alerts: [{ status: 'firing', labels: {} }], lines: ['[alert] alert'] },
    {
      name: 'a summary of several lines',
      alerts: [{ ...slow, annotations: { summary: 'Disk\n[critical] full\n' } }],
      lines: ['[warning] Disk [critical] full'],
    },
    { name: 'an empty summary', alerts: [{ ...down, annotations: { summary: ' ' } }], lines: ['[critical] BotDown'] },
    { name: 'null for annotations', alerts: [{ ...down, annotations: null }], lines: ['[critical] BotDown'] },
    {
      name: 'values that are no text',
      alerts: [{ ...down, labels: { ...down.labels, count: 3, severity: null } }],
      lines: ['[alert] BotDown'],
    },
    { name: 'twenty', alerts: Array(20).fill(down), lines: Array(20).fill('[critical] BotDown') },
    {
      name: 'more than twenty',
      alerts: Array(25).fill(down),
      lines: [...Array(20).fill('[critical] BotDown'), 'and 5 more'],
    },
  ])('$name', ({ alerts, lines }) => {
    expect(alertText(alertGroup.parse({ receiver: 'chat', alerts })).split('\n')).toEqual(['Chatbot alert', ...lines]);
  });

  test('twenty long summaries stay below the 20 kB limit of a Feishu robot and keep their runbooks', () => {
    const long = { ...slow, annotations: { ...slow.annotations, summary: '慢'.repeat(2_000) } };
    const text = alertText(alertGroup.parse({ alerts: Array(20).fill(long) }));
    expect(Buffer.byteLength(text)).toBeLessThan(19_000);
    const labels = { alertname: 'A', severity: '重'.repeat(5_000) };
    const annotations = { summary: '慢'.repeat(2_000), runbook_url: `http://docs/${'x'.repeat(5_000)}` };
    const longer = alertText(alertGroup.parse({ alerts: Array(20).fill({ status: 'firing', labels, annotations }) }));
    expect(Buffer.byteLength(longer)).toBeLessThan(19_000);
    expect(text.match(/慢… http:\/\/docs\/slow$/gm)).toHaveLength(20);
  });

  test.each([
    ['four bytes a character', '🔥', 'http://docs/slow'],
    ['an address in Chinese', '慢', `http://docs/${'慢'.repeat(188)}`],
    ['characters that JSON escapes', '\u0001', 'http://docs/slow'],
    ['mention tags', '<at', 'http://docs/slow'],
  ])('%s: below 20 kB in JSON, with the number of omitted alerts', (_name, character, runbook_url) => {
    const annotations = { summary: character.repeat(300), runbook_url };
    const text = alertText(alertGroup.parse({ alerts: Array(25).fill({ ...slow, annotations }) }));
    const body = feishuBody({ secret: 's3cret', clock: Date.now }, text);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(20_000);
    const [first, ...lines] = text.split('\n');
    const more = Number(/^and (\d+) more$/.exec(lines.at(-1) ?? '')?.[1]);
    expect(first).toBe('Chatbot alert');
    expect(lines.length - 1 + more).toBe(25);
    expect(lines.length).toBeGreaterThan(10);
  });
});

test.each([
  {},
  { alerts: [] },
  { alerts: [{ status: 'pending', labels: {} }] },
  { alerts: [{ status: 'firing' }] },
  undefined,
])('rejects %j', (body) => {
  expect(alertGroup.safeParse(body).success).toBe(false);
});
