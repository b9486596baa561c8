// Texts that are cut before redaction, with a secret at every position around the cut.
import { describe, expect, test } from '@jest/globals';
import { shorten } from '../../../bot/http-client/shorten.ts';
import { cutText } from '../../../bot/telemetry/cut-text.ts';
import { addFields, createCleaner, type PlainLine } from '../../../bot/telemetry/plain-line.ts';
import { createRedactor } from '../../../bot/telemetry/redact.ts';
import { cpuMilliseconds } from '../../support/cpu-time.ts';

const SECRETS = ['4f1d9c0b7a.Q2xhdWRl', 'p@ss:w/rd#1', 'sk-abcdefghijklmnopqrstuvwx'];
const redact = createRedactor(SECRETS.slice(0, 2));

function written(text: string): string {
  const line: PlainLine = new Map();
  addFields(line, { 'chatbot.text': text }, createCleaner(redact));
  return String(line.get('chatbot.text'));
}

describe.each(SECRETS)('the secret %s', (secret) => {
  const beginning = secret.slice(0, 4);

  test.each(['invalid key: ', 'invalid key "', '{"key":["', '密钥无效:', '密钥无效：', 'url https://host/?key='])(
    'leaves no part in a shortened text of another server: %s',
    (before) => {
      for (let at = 200 - secret.length; at <= 200; at += 1) {
        const text = `${'. '.repeat(200).slice(0, at - before.length)}${before}${secret} is wrong`;
        expect([at, redact(shorten(text))]).not.toEqual([at, expect.stringContaining(beginning)]);
      }
    },
  );

  test('leaves no part at the end of the redacted text, if only the beginning of it is written', () => {
    for (let at = 65_536 - secret.length; at <= 65_536; at += 1) {
      const text = `authorization: ${'a'.repeat(at - 16)}\n${secret} is wrong`;
      expect([at, written(text)]).not.toEqual([at, expect.stringContaining(beginning)]);
    }
  });
});

test.each([
  ['short enough', 'short enough'],
  ['cut between two words', 'cut between two'],
  ['cut within a word', 'cut within a '],
  ['一二三四五六七八九十一二三四五六', '一二三四五六七八九十一二三四五'],
  ['onewordthatistoolong', 'onewordthatisto'],
  ['12345678901234😀', '12345678901234\ufffd'],
])('cuts %j to 15 characters', (text, expected) => expect(cutText(text, 15)).toBe(expected));

test('a long text costs little CPU time', () => {
  const text = `${'a'.repeat(40_000)} ${'b'.repeat(60_000)}`;
  expect(cpuMilliseconds(() => cutText(text, 65_536))).toBeLessThan(100);
});
