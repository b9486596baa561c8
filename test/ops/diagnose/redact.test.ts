// Tests redaction: secrets by value and by shape are hidden, and other text stays.
import { expect, test } from '@jest/globals';
import { createRedactor } from '../../../ops/diagnose/redact.ts';
import { QUOTE_LIMIT } from '../../../ops/diagnose/report.ts';

const salt = Buffer.from('salt');
const redactor = (secrets: string[] = []) => createRedactor({ secrets, salt });

test.each([
  ['a JWT', 'x eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl y', 'x [redacted] y'],
  ['a bearer token', 'Authorization: Bearer abcdef123456', 'Authorization: [redacted]'],
  ['a Feishu token', 'token t-g1044qeGEDXTB6NDJOGV4JQCYDGHRBARFTGT1234', 'token [redacted]'],
  ['a robot secret', `secret SEC${'0af1'.repeat(16)}`, 'secret [redacted]'],
  [
    'a webhook',
    'https://open.feishu.cn/open-apis/bot/v2/hook/1234abcd-5678',
    'https://open.feishu.cn/open-apis/bot/v2/hook/[redacted]',
  ],
  [
    'a query token',
    'https://oapi.dingtalk.com/robot/send?access_token=abc&sign=d%3D',
    'https://oapi.dingtalk.com/robot/send?access_token=[redacted]&sign=[redacted]',
  ],
  ['a password in an address', 'mysql://bot:hunter22@db:3306/bot', 'mysql://[redacted]@db:3306/bot'],
  ['a private key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----', '[redacted]'],
  ['an e-mail address', 'by somebody@example.com', 'by [e-mail]'],
  ['a phone number', 'call 13812345678', 'call [phone]'],
  ['a terminal control sequence', 'a\u001b[31mb\u0007', 'a [31mb '],
])('redacts %s', (_, text, expected) => {
  expect(redactor().text(text)).toBe(expected);
});

test.each([
  '2026-11-22T09:12:48.123Z',
  'net.feishu.tcp: 127.0.0.1:18789 ECONNREFUSED',
  'code 99991663 ×412, trace 7f3a7f3a7f3a7f3a7f3a7f3a7f3a7f3a',
  'https://open.feishu.cn answers HTTP 400',
  'cli_a1b2c3d4e5f6a7b8 is rejected with 10014 "app secret invalid"',
])('does not change %s', (text) => {
  expect(redactor().text(text)).toBe(text);
});

test('replaces known secrets by fingerprints that are equal within a report and differ between reports', () => {
  const secrets = ['hunter2hunter2', 'hunter2'];
  const text = 'a hunter2hunter2 b hunter2 c hunter2';
  const shown = redactor(secrets).text(text);
  expect(shown).toMatch(/^a secret#(\w{4}) b secret#(\w{4}) c secret#\2$/);
  expect(createRedactor({ secrets }).text(text)).not.toBe(shown);
});

test('does not cut a secret in half at the limit of a quote', () => {
  const secret = 'planted-secret-of-some-length';
  const quote = `${'x'.repeat(QUOTE_LIMIT - 10)}${secret}`;
  const result = redactor([secret]).deep({ nested: [{ quote }], number: 1, nothing: null });
  expect(result.nested[0]?.quote.includes('planted')).toBe(false);
  expect(result.nested[0]?.quote.length).toBeLessThanOrEqual(QUOTE_LIMIT);
  expect([result.number, result.nothing]).toEqual([1, null]);
});

test('does not cut a character in half at the limit of a quote', () => {
  for (const lead of ['', 'x']) {
    const { quote } = redactor().deep({ quote: `${lead}${'😀'.repeat(QUOTE_LIMIT)}` });
    expect([quote.isWellFormed(), quote.length <= QUOTE_LIMIT]).toEqual([true, true]);
  }
});

test('counts the redactions by rule', () => {
  const one = redactor(['hunter2']);
  one.deep({ a: 'hunter2', b: 'Bearer 12345678' });
  expect(one.counts()).toEqual([
    { rule: 'known-secret', count: 1 },
    { rule: 'secret-shape', count: 1 },
  ]);
});
