// Parts of an answer stay within Feishu's limits in each format.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderFeishu, splitFeishu } from '../../../../../bot/platforms/feishu/outbound/render.ts';
import { checkContent } from '../../../../../ops/lab/feishu/check-content.ts';

const uuid = 'u'.repeat(50);
const receive_id = `oc_${'c'.repeat(60)}`;

function bytesOf(format: 'card' | 'post' | 'text', part: string): number {
  return Buffer.byteLength(JSON.stringify({ receive_id, ...renderFeishu(format, part), uuid }));
}

const expensive = fc.constantFrom(
  '"',
  '\\',
  '\n',
  '<at ',
  '\u0001',
  '中文',
  '🚀',
  'word ',
  '| a | b |\n|---|---|\n',
  '```\n',
);
const answer = fc
  .array(fc.tuple(expensive, fc.nat(2000)), { maxLength: 8 })
  .map((pieces) => pieces.map(([text, times]) => text.repeat(times)).join('\n\n'));

describe('for any answer', () => {
  test('each part is valid in each format', () => {
    fc.assert(
      fc.property(answer, (text) => {
        for (const part of splitFeishu(text)) {
          for (const format of ['card', 'post'] as const) {
            expect(bytesOf(format, part)).toBeLessThanOrEqual(30 * 1024);
            expect(() => checkContent({ ...renderFeishu(format, part) })).not.toThrow();
          }
          expect(bytesOf('text', part)).toBeLessThanOrEqual(150 * 1024);
        }
      }),
      { numRuns: 30 },
    );
  });
});

test('puts at most three tables into a card', () => {
  const parts = splitFeishu('| a | b |\n|---|---|\n| 1 | 2 |\n\n'.repeat(7));
  expect(parts).toHaveLength(3);
});

test('does not split thousands of tables into thousands of cards', () => {
  for (const table of ['a|b\n-|-\n\n', '|-|-|\n|-|-|\n\n', '|a\n-\n```\n|b|\n```\n']) {
    const parts = splitFeishu(table.repeat(5_000));
    expect(parts.length).toBeLessThan(10);
    for (const part of parts) expect(() => checkContent({ ...renderFeishu('card', part) })).not.toThrow();
  }
});

test('keeps the marks if the text would be empty without them', () => {
  expect(renderFeishu('text', '![]()')).toEqual({ msg_type: 'text', content: '{"text":"![]()"}' });
});
