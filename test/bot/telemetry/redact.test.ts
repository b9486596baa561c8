// Redacted text, text that must stay readable, and the CPU time for hostile text.
import { describe, expect, test } from '@jest/globals';
import { createRedactor, isSecretName } from '../../../bot/telemetry/redact.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';

const planted = 'Pl4nted+Value/="x';
const redact = createRedactor([planted, 'Pl4 nted!', 'inner', 'inner-and-more', '']);

describe('redacts a known value', () => {
  test.each([
    ['plain', `before ${planted} after`, 'before [redacted] after'],
    ['in a URL', `?x=${encodeURIComponent(planted)}&y=1`, '?x=[redacted]&y=1'],
    ['in a URL with small letters', 'x=Pl4nted%2bValue%2f%3d%22x&y=1', 'x=[redacted]&y=1'],
    ['in a form', new URLSearchParams({ x: 'a b', y: 'Pl4 nted!' }).toString(), 'x=a+b&y=[redacted]'],
    ['in JSON', JSON.stringify({ x: planted }), '{"x":"[redacted]"}'],
    ['in JSON with slashes escaped', '{"x":"Pl4nted+Value\\/=\\"x"}', '{"x":"[redacted]"}'],
    ['the longer of two', 'inner-and-more inner', '[redacted] [redacted]'],
  ])('%s', (_name, text, expected) => expect(redact(text)).toBe(expected));
});

test('a secret with a lone surrogate is redacted', () => {
  const secret = 'Pl4nted\ud800Value';
  expect(createRedactor([secret])(`before ${secret} after`)).toBe('before [redacted] after');
});

describe('by shape', () => {
  test.each([
    ['Bearer abcdefgh.123', 'Bearer [redacted]'],
    ['basic dXNlcjpwYXNz', 'basic [redacted]'],
    ['authorization: Basic abc', 'authorization: [redacted]'],
    ['{"Cookie":"a=b; c=d"}', '{"Cookie":"[redacted]"}'],
    ['token t-g1044ghJRUIJJ5ELPAXXZZZ expired', 'token [redacted] expired'],
    ['u-0123456789abcdefghij', '[redacted]'],
    ['key SEC0123456789abcdef0123456789abcdef!', 'key [redacted]!'],
    ['Incorrect API key sk-abcDEF0123456789abcd', 'Incorrect API key [redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1', '[redacted]'],
    [
      'https://a/send?access_token=abc&timestamp=1&sign=d%2Be',
      'https://a/send?access_token=[redacted]&timestamp=1&sign=[redacted]',
    ],
    ['https://a/robot/sendBySession?session=abc', 'https://a/robot/sendBySession?session=[redacted]'],
    [
      'POST https://open.feishu.cn/open-apis/bot/v2/hook/0f-1',
      'POST https://open.feishu.cn/open-apis/bot/v2/hook/[redacted]',
    ],
    ['mysql://bot:p@ss@db:3306/bot', 'mysql://[redacted]@db:3306/bot'],
    ['{"app_secret":"abc","code":0}', '{"app_secret":"[redacted]","code":0}'],
    ['{"accessToken": "abc","expireIn":7200}', '{"accessToken": "[redacted]","expireIn":7200}'],
    ['{"body":"{\\"appSecret\\":\\"a b\\",\\"n\\":1}"}', '{"body":"{\\"appSecret\\":\\"[redacted]\\",\\"n\\":1}"}'],
    [
      'x-acs-dingtalk-access-token: 0123456789abcdef0123\r\nhost: a',
      'x-acs-dingtalk-access-token: [redacted]\r\nhost: a',
    ],
    ['X-Api-Key:abcdefgh-ijklmnop1', 'X-Api-Key:[redacted]'],
    ["{ accessToken: 'abcdef0123456789', code: 0 }", "{ accessToken: '[redacted]', code: 0 }"],
    ['/login?next=%2Fa%3Faccess_token%3Dabc&b=1', '/login?next=%2Fa%3Faccess_token%3D[redacted]&b=1'],
    ['{"password":"a\\nb"}', '{"password":"[redacted]"}'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- end', '[redacted] end'],
  ])('redacts: %s', (text, expected) => expect(redact(text)).toBe(expected));

  test.each([
    'Invalid access token for authorization.',
    'signature mismatch',
    'design=1 sessions=3 tokens=12',
    'Invalid token: token-has-expired-or-was-revoked',
    'sign: HmacSHA256 of timestamp',
    'token: 2026-11-27',
    'at-least-once delivery of part-12345678901234567890',
    'basic information about the group',
    'https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id',
    'user@example.com wrote to sqlite:data/bot.db',
    '{"code":99991663,"msg":"token expired","sign_prefix":"ab12"}',
  ])('keeps: %s', (text) => expect(redact(text)).toBe(text));
});

describe('names', () => {
  test.each([
    'password',
    'chatbot.app_secret',
    'accessToken',
    'x-acs-dingtalk-access-token',
    'headers.authorization',
    'sessionWebhook',
    'api_key',
    'apiKey',
    'API_KEY',
    'chatbot.token.value',
    'sign',
  ])('%s is a secret name', (name) => expect(isSecretName(name)).toBe(true));
  test.each([
    'chatbot.sign_prefix',
    'chatbot.sign_timestamp',
    'chatbot.prompt_tokens',
    'error.code',
    'http.request.method',
    'design',
    'app_key',
    'monkey',
    'chatbot.stage',
  ])('%s is no secret name', (name) => expect(isSecretName(name)).toBe(false));
});

test.each([
  'a',
  'token',
  '-----BEGIN ',
  'a:',
  'aa://',
  'token":"',
  '\\',
  'eyJaaaaaaaa.',
  'Basic A',
  't-',
  ' ',
  'cookie:',
  'token:aaaaaaaaaaaaaaaa',
  ':aaaaaaaaaaaaaaa ',
])('a long text of %j costs little CPU time', (part) => {
  const text = part.repeat(65_536 / part.length);
  expect(cpuMilliseconds(() => redact(text))).toBeLessThan(500);
});
