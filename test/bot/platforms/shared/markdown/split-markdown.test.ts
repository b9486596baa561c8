// Cutting Markdown: nothing is lost, limits hold, and every part reads well alone.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { scanLines } from '../../../../../bot/platforms/shared/markdown/scan-lines.ts';
import { splitMarkdown } from '../../../../../bot/platforms/shared/markdown/split-markdown.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => `| row ${index} | value |`);
const codeLines = (count: number) => Array.from({ length: count }, (_, index) => `let value${index} = ${index};`);

describe('cutting by hand', () => {
  test('what fits stays as it is, but for blank lines around it', () => {
    expect(splitMarkdown('\n# Title\n\n- a\n  - b\n\n', { maxBytes: 100 })).toEqual(['# Title\n\n- a\n  - b']);
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \n\t\n'],
    ['zero-width', '\u200b\n\u2060'],
  ])('%s has no parts', (_n, text) => {
    expect(splitMarkdown(text, { maxBytes: 100 })).toEqual([]);
  });

  test('at a paragraph’s end before a line’s end', () => {
    const [a, b, c] = ['a'.repeat(60), 'b'.repeat(30), 'c'.repeat(30)];
    expect(splitMarkdown(`${a}\n\n${b}\n${c}`, { maxBytes: 100 })).toEqual([a, `${b}\n${c}`]);
  });

  test('a fence is closed and opened again with its language', () => {
    const parts = splitMarkdown(`Look:\n\n\`\`\`ts\n${codeLines(6).join('\n')}\n\`\`\`\nDone.`, { maxBytes: 100 });
    expect(parts).toEqual([
      'Look:\n\n```ts\nlet value0 = 0;\nlet value1 = 1;\nlet value2 = 2;\nlet value3 = 3;\nlet value4 = 4;\n```',
      '```ts\nlet value5 = 5;\n```\nDone.',
    ]);
  });

  test('a fence in a list comes back at the margin', () => {
    const code = codeLines(8).map((line) => `     ${line}`);
    const parts = splitMarkdown(['1. Do:', '', '     ~~~sh', ...code, '     ~~~'].join('\n'), { maxBytes: 120 });
    expect(parts[1]).toMatch(/^~~~sh\nlet value\d/);
    expect(parts.every((part) => part.endsWith('~~~'))).toBe(true);
  });

  test('a fence in a quote stays in the quote', () => {
    const code = codeLines(8).map((line) => `> ${line}`);
    const [, second = ''] = splitMarkdown(['> ```ts', ...code, '> ```'].join('\n'), { maxBytes: 120 });
    expect(second).toMatch(/^> ```ts\n> let value\d/);
  });

  test('a table repeats its header and never ends with it', () => {
    const head = '| name | value |\n|---|:-:|';
    const parts = splitMarkdown(`${'x'.repeat(80)}\n${head}\n${rows(8).join('\n')}\n\nEnd`, { maxBytes: 120 });
    expect(parts[0]).toBe('x'.repeat(80));
    expect(parts.slice(1).every((part) => part.startsWith(`${head}\n| row`))).toBe(true);
    expect(parts.join('\n').match(/\| row \d \| value \|/g)).toHaveLength(8);
  });

  test('no more tables in a part than allowed', () => {
    const table = '| a |\n|---|\n| 1 |\n\n';
    const parts = splitMarkdown(table.repeat(7), { maxBytes: 10_000, maxTables: 3 });
    expect(parts.map((part) => part.match(/\|---\|/g)?.length)).toEqual([3, 3, 1]);
  });

  test('bars that make no table repeat nothing', () => {
    const text = `a | b\n${'c | d\n'.repeat(60)}`;
    expect(splitMarkdown(text, { maxBytes: 100 }).join('\n')).toBe(text.trimEnd());
  });

  test('a long line is cut between words, signs stay whole', () => {
    const words = 'word '.repeat(50).trim();
    expect(splitMarkdown(words, { maxBytes: 100 }).every((part) => /^(word ?)+$/.test(part))).toBe(true);
    const family = '👩‍👩‍👧‍👦'.repeat(20);
    expect(splitMarkdown(family, { maxBytes: 100 }).every((part) => /^(👩‍👩‍👧‍👦)+$/u.test(part))).toBe(true);
  });

  test('an info string that fills a part is not repeated', () => {
    const parts = splitMarkdown(`\`\`\`${'x'.repeat(90)}\n${codeLines(9).join('\n')}\n\`\`\``, { maxBytes: 100 });
    expect(parts.every((part) => Buffer.byteLength(part) <= 100)).toBe(true);
  });

  test('a part too small for any sign is the caller’s mistake', () => {
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

/** What a reader sees, without what a cut adds, takes away or repeats. */
const visible = (text: string) =>
  text
    .split(/\r\n?|\n/)
    .filter((line) => !/^\s*(```|~~~)/.test(line) && !/^\| name |^\|---/.test(line))
    .join('')
    .replaceAll(/[\s\p{Cf}]/gu, '');

describe('whatever is written', () => {
  test('all of it arrives, in order', () => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        expect(visible(splitMarkdown(text, { maxBytes: limit }).join('\n'))).toBe(visible(text));
      }),
    );
  });

  test.each([
    ['bytes', Buffer.byteLength],
    ['escapes counted', escaped],
  ] as const)('limits hold: %s', (_name, measure) => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        for (const part of splitMarkdown(text, { maxBytes: limit, measure })) {
          expect(measure(part)).toBeLessThanOrEqual(limit);
          expect(part.trim()).not.toBe('');
        }
      }),
    );
  });

  test('every fence is closed, every character whole', () => {
    fc.assert(
      fc.property(document, maxBytes, (text, limit) => {
        for (const part of splitMarkdown(text, { maxBytes: limit })) {
          expect(scanLines(part).open).toBeUndefined();
          expect(part.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  test('a fence that is not finished yet is closed', () => {
    expect(splitMarkdown('so:\n~~~js\nlet a', { maxBytes: 100 })).toEqual(['so:\n~~~js\nlet a\n~~~']);
  });
});
