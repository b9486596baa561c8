// What DingTalk is given for a model's Markdown: which kind of message, in which dialect, in parts that fit.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toDialect } from '../../../../bot/channels/dingtalk/dialect.ts';
import { renderForDingtalk, splitForDingtalk } from '../../../../bot/channels/dingtalk/render.ts';

describe('the kind of message', () => {
  test.each([
    ['a sentence', 'Hello, you.', 'text'],
    ['lines', 'one\ntwo', 'text'],
    ['commands', '/help – this list\n/status – how I am doing', 'text'],
    ['sums and names', '2 * 3 * 4 = 24, snake_case_name, a | b, #1', 'text'],
    ['an e-mail in brackets', '[me](at home) <you@example.com>', 'markdown'],
    ['a heading', 'so\n## Result', 'markdown'],
    ['a list', '- one\n- two', 'markdown'],
    ['a numbered list', '1. one', 'markdown'],
    ['a quote', '> said', 'markdown'],
    ['something bold', 'it is **so**', 'markdown'],
    ['code in a line', 'run `ls`', 'markdown'],
    ['a fence', 'look:\n```sh\nls\n```', 'markdown'],
    ['a link', '[page](https://example.com)', 'markdown'],
    ['a table', 'a | b\n--- | ---\n1 | 2\n|x|', 'markdown'],
  ])('%s', (_name, text, kind) => {
    expect(renderForDingtalk(text, 'auto').kind).toBe(kind);
    expect(renderForDingtalk(text, 'text')).toEqual({ kind: 'text', content: text });
    expect(renderForDingtalk(text, 'markdown').kind).toBe('markdown');
  });
});

test.each([
  ['the first heading', 'Well:\n\n# **The** `result`\n\nIt works.', 'The result'],
  ['else the first line with a word', '---\n\n- [Go](https://example.com) _there_\n- now', 'Go there'],
  ['not too much', `# ${'很'.repeat(50)}`, '很'.repeat(40)],
  ['whole signs', `**${'🚀a'.repeat(50)}**`, '🚀a'.repeat(20)],
  ['something, when there is no word', '**!!!**', '!!!'],
  ['the marks, when there is nothing else', '> ~~~~', '> ~~~~'],
])('the title is %s', (_name, text, title) => {
  expect(renderForDingtalk(text, 'markdown')).toEqual({ kind: 'markdown', title, text });
});

describe('the dialect', () => {
  test.each([
    ['a line end becomes a break', 'one\ntwo\n\nthree', 'one  \ntwo\n\nthree'],
    ['what is in a fence stays', 'look:\n```js\nif (a)\n  b();\n```\nend', 'look:\n```js\nif (a)\n  b();\n```\nend'],
    [
      'a table becomes a list',
      'Prices:\n\n| Item | Price |\n|:--|--:|\n| Tea | 3 |\n| Cake | 5 |\n\nThat is all.',
      'Prices:\n\n- **Item**: Tea; **Price**: 3\n- **Item**: Cake; **Price**: 5\n\nThat is all.',
    ],
    ['a table that code follows at once', 'a | b\n-|-\n1 | 2\n```\nx\n```', '- **a**: 1; **b**: 2\n\n```\nx\n```'],
    ['a table without rows', '| a | b |\n|---|---|', '- a / b'],
    ['empty cells are left out', '| | b |\n|---|---|\n| x | |\n| | y |', '- x\n- **b**: y'],
    ['a bar that is text', '| a |\n|---|\n| x \\| y |', '- **a**: x | y'],
    ['a table in a fence is code', '```\n| a |\n|---|\n```', '```\n| a |\n|---|\n```'],
  ])('%s', (_name, markdown, shown) => {
    expect(toDialect(markdown)).toBe(shown);
  });
});

describe('the parts of an answer', () => {
  test.each([
    ['plain text stays as it is', 'one\ntwo', 'auto', ['one\ntwo']],
    ['so does Markdown that goes as text', '| a |\n|---|\n| 1 |', 'text', ['| a |\n|---|\n| 1 |']],
    ['Markdown is put into the dialect', '| a |\n|---|\n| 1 |', 'auto', ['- **a**: 1']],
    ['what nobody sees is taken out', 'a\u001b[0mb\u0007\r\nc', 'auto', ['a[0mb\nc']],
    ['nothing', ' \u0000\n', 'auto', []],
  ] as const)('%s', (_name, text, format, parts) => {
    expect(splitForDingtalk(text, format)).toEqual(parts);
  });

  test('a table of 20,000 rows and a line of brackets take no time', () => {
    const table = ['| a | b |', '|---|---|', ...Array(20_000).fill('| 1 | 2 |')].join('\n');
    const start = performance.now();
    for (const text of [table, `**${'['.repeat(100_000)}`]) {
      for (const part of splitForDingtalk(text, 'auto')) renderForDingtalk(part, 'auto');
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('every part of anything fits both ways, however it is escaped', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        '"'.repeat(9_000),
        '你好'.repeat(4_000),
        '```',
        '| a | b |',
        '|---|---|',
        '\\'.repeat(20_000),
        '',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('auto', 'text', 'markdown'), (lines, format) => {
        for (const part of splitForDingtalk(lines.join('\n'), format)) {
          const { kind: _, ...param } = renderForDingtalk(part, format);
          expect(Buffer.byteLength(JSON.stringify(param))).toBeLessThanOrEqual(15_000);
        }
      }),
      { numRuns: 40 },
    );
  });
});
