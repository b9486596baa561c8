// JSON of callbacks: accepted and rejected bodies, and the CPU time of large bodies.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseBody } from '../../../../bot/platforms/shared/parse-body.ts';

test.each([
  ['an object', '{"a":[1,{"b":"]}"}]}', { json: { a: [1, { b: ']}' }] } }],
  ['brackets in a string', JSON.stringify({ a: '['.repeat(1_000) }), { json: { a: '['.repeat(1_000) } }],
  ['escaped quotes', '{"a":"\\\\\\"[[[","b":"\\\\"}', { json: { a: '\\"[[[', b: '\\' } }],
  ['64 levels', `${'['.repeat(64)}${']'.repeat(64)}`, { json: expect.any(Array) }],
  ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, { reason: 'malformed_event' }],
  ['many lists side by side', `[${'[],'.repeat(1_000)}[]]`, { json: expect.any(Array) }],
  ['an unterminated string', '{"a":"[[[', { reason: 'malformed_json' }],
  ['a number', '1', { reason: 'malformed_json' }],
  ['null', 'null', { reason: 'malformed_json' }],
  ['an empty text', '', { reason: 'malformed_json' }],
])('parses or rejects %s', (_name, text, expected) => {
  expect(parseBody(text)).toEqual(expected);
});

test('parses any JSON of ordinary depth like JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 20 }), (value) => {
      const isObject = typeof value === 'object' && value !== null;
      const expected = isObject ? { json: JSON.parse(JSON.stringify(value)) } : { reason: 'malformed_json' };
      expect(parseBody(JSON.stringify(value))).toEqual(expected);
    }),
  );
});

describe('1 MB costs little CPU time', () => {
  test.each([
    ['lists', '['],
    ['objects', '{"a":'],
    ['both', '[{"a":'],
    ['backslashes', '"\\\\\\\\'],
    ['quotes', '"\\"'],
    ['quotes alone', '"'],
    ['closing brackets', ']'],
  ])('%s', (_name, piece) => {
    const text = piece.repeat(1_000_000 / piece.length);
    const before = process.cpuUsage();
    for (let i = 0; i < 5; i++) parseBody(text);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});
