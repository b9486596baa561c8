// Splitting Markdown: no text is lost, limits hold, and every part is valid alone.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scanLines } from '../../../../../bot/platforms/shared/markdown/scan-lines.ts';
import { splitMarkdown } from '../../../../../bot/platforms/shared/markdown/split-markdown.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => `| row ${index} | value |`);
const codeLines = (count: number) => Array.from({ length: count }, (_, index) => `let value${index} = ${index};`);

describe('splitting', () => {
  test('keeps a text that fits, except for blank lines around it', () => {
    expect(splitMarkdown('\n# Title\n\n- a\n  - b\n\n', { maxBytes: 100 })).toEqual(['# Title\n\n- a\n  - b']);
  });

  test.each([
    ['an empty text', ''],
    ['only blanks', ' \n\t\n'],
    ['only zero-width characters', '\u200b\n\u2060'],
  ])('returns no parts for %s', (_n, text) => {
    expect(splitMarkdown(text, { maxBytes: 100 })).toEqual([]);
  });

  test('prefers the end of a paragraph to the end of a line', () => {
    const [a, b, c] = ['a'.repeat(60), 'b'.repeat(30), 'c'.repeat(30)];
    expect(splitMarkdown(`${a}\n\n${b}\n${c}`, { maxBytes: 100 })).toEqual([a, `${b}\n${c}`]);
  });

  test('closes a fence and reopens it with its language', () => {
    const parts = splitMarkdown(`Look:\n\n\`\`\`ts\n${codeLines(6).join('\n')}\n\`\`\`\nDone.`, { maxBytes: 100 });
    expect(parts).toEqual([
      'Look:\n\n```ts\nlet value0 = 0;\nlet value1 = 1;\nlet value2 = 2;\nlet value3 = 3;\nlet value4 = 4;\n```',
      '```ts\nlet value5 = 5;\n```\nDone.',
    ]);
  });

  test('reopens a fence of a list at the margin', () => {
    const code = codeLines(8).map((line) => `     ${line}`);
    const parts = splitMarkdown(['1. Do:', '', '     ~~~sh', ...code, '     ~~~'].join('\n'), { maxBytes: 120 });
    expect(parts[1]).toMatch(/^~~~sh\nlet value\d/);
    expect(parts.every((part) => part.endsWith('~~~'))).toBe(true);
  });

  test('reopens a fence of a quote in the quote', () => {
    const code = codeLines(8).map((line) => `> ${line}`);
    const [, second = ''] = splitMarkdown(['> ```ts', ...code, '> ```'].join('\n'), { maxBytes: 120 });
    expect(second).toMatch(/^> ```ts\n> let value\d/);
  });

  test('repeats the header of a table, and ends no part with it', () => {
    const head = '| name | value |\n|---|:-:|';
    const parts = splitMarkdown(`${'x'.repeat(80)}\n${head}\n${rows(8).join('\n')}\n\nEnd`, { maxBytes: 120 });
    expect(parts[0]).toBe('x'.repeat(80));
    expect(parts.slice(1).every((part) => part.startsWith(`${head}\n| row`))).toBe(true);
    expect(parts.join('\n').match(/\| row \d \| value \|/g)).toHaveLength(8);
  });

  test('puts at most maxTables tables into a part', () => {
    const table = '| a |\n|---|\n| 1 |\n\n';
    const parts = splitMarkdown(table.repeat(7), { maxBytes: 10_000, maxTables: 3 });
    expect(parts.map((part) => part.match(/\|---\|/g)?.length)).toEqual([3, 3, 1]);
  });

  test('repeats no line for bars that are no table', () => {
    const text = `a | b\n${'c | d\n'.repeat(60)}`;
    expect(splitMarkdown(text, { maxBytes: 100 }).join('\n')).toBe(text.trimEnd());
  });

  test('cuts a long line between words, and cuts no grapheme', () => {
    const words = 'word '.repeat(50).trim();
    expect(splitMarkdown(words, { maxBytes: 100 }).every((part) => /^(word ?)+$/.test(part))).toBe(true);
    const family = '👩‍👩‍👧‍👦'.repeat(20);
    expect(splitMarkdown(family, { maxBytes: 100 }).every((part) => /^(👩‍👩‍👧‍👦)+$/u.test(part))).toBe(true);
  });

  test('does not repeat an info string that fills a part', () => {
    const parts = splitMarkdown(`\`\`\`${'x'.repeat(90)}\n${codeLines(9).join('\n')}\n\`\`\``, { maxBytes: 100 });
    expect(parts.every((part) => Buffer.byteLength(part) <= 100)).toBe(true);
  });

  test('throws if maxBytes is too small', () => {
    expect(() => splitMarkdown('x', { maxBytes: 99 })).toThrow(RangeError);
  });
});

const block = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.lorem({ mode: 'sentences', maxCount: 9 }),
  fc.constantFrom('# Title', '- item', '> quote', 'a | b', '', '   ', '\r\n', '👩‍💻'.repeat(40), '"\\'.repeat(80)),
  fc.nat(20).map((count) => ['| name | value |', '|---|---|', ...rows(count)].join('\n')),
  fc
    .record({ mark: fc.constantFrom('```', '~~~', '````'), count: fc.nat(30), closed: fc.boolean() })
    .map(({ mark, count, closed }) => [`${mark}ts`, ...codeLines(count), ...(closed ? [mark] : [])].join('\n')),
);
const document = fc.array(block, { maxLength: 12 }).map((blocks) => blocks.join('\n\n'));
const maxBytes = fc.integer({ min: 100, max: 2000 });
const escaped = (text: string) => Buffer.byteLength(JSON.stringify(JSON.stringify(text))) - 6;

/** Returns the visible text, without the marks and headers that a cut adds, removes or repeats. */
const visible = (text: string) =>
  text
    .split(/\r\n?|\n/)
    .filter((line) => !/^\s*(```|~~~)/.test(line) && !/^\| name |^\|---/.test(line))
    .join('')
    .replaceAll(/[\s\p{Cf}]/gu, '');

describe('splitting any text', () => {
  test('keeps all visible text in order', () => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        expect(visible(splitMarkdown(text, { maxBytes: limit }).join('\n'))).toBe(visible(text));
      }),
    );
  });

  test.each([
    ['bytes', Buffer.byteLength],
    ['escapes counted', escaped],
  ] as const)('keeps each part within maxBytes: %s', (_name, measure) => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        for (const part of splitMarkdown(text, { maxBytes: limit, measure })) {
          expect(measure(part)).toBeLessThanOrEqual(limit);
          expect(part.trim()).not.toBe('');
        }
      }),
    );
  });

  test('closes every fence, and cuts no surrogate pair', () => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        for (const part of splitMarkdown(text, { maxBytes: limit })) {
          expect(scanLines(part).open).toBeUndefined();
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test('closes an unfinished fence', () => {
    expect(splitMarkdown('so:\n~~~js\nlet a', { maxBytes: 100 })).toEqual(['so:\n~~~js\nlet a\n~~~']);
  });
});
