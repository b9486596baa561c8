// Rendering of Markdown for DingTalk: message type, dialect, and parts that fit.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toDialect } from '../../../../../bot/platforms/dingtalk/outbound/dialect.ts';
import { formsForDingtalk, splitForDingtalk } from '../../../../../bot/platforms/dingtalk/outbound/render.ts';
import { cpuMilliseconds } from '../../../../support/cpu-time.ts';

describe('the message type', () => {
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
    ['bold text', 'it is **so**', 'markdown'],
    ['code in a line', 'run `ls`', 'markdown'],
    ['a fence', 'look:\n```sh\nls\n```', 'markdown'],
    ['a link', '[page](https://example.com)', 'markdown'],
    ['a table', 'a | b\n--- | ---\n1 | 2\n|x|', 'markdown'],
  ])('of %s', (_name, text, kind) => {
    expect(formsForDingtalk(text, 'auto')[0].kind).toBe(kind);
    expect(formsForDingtalk(text, 'text')).toEqual([{ kind: 'text', content: text }]);
    expect(formsForDingtalk(text, 'markdown').map((form) => form.kind)).toEqual(['markdown', 'text']);
  });
});

test.each([
  ['the first heading', 'Well:\n\n# **The** `result`\n\nIt works.', 'The result'],
  ['else the first line with a letter', '---\n\n- [Go](https://example.com) _there_\n- now', 'Go there'],
  [
    'without marks, but with the special characters of names',
    'Use **C#** and `snake_case` | `a*b`',
    'Use C# and snake_case | a*b',
  ],
  ['without the number sign of a heading', '# C#\n\ntext', 'C#'],
  ['limited to 40 characters', `# ${'很'.repeat(50)}`, '很'.repeat(40)],
  ['cut between characters', `**${'🚀a'.repeat(50)}**`, '🚀a'.repeat(20)],
  ['punctuation, if there is no letter', '**!!!**', '!!!'],
  ['the marks, if there is nothing else', '> ~~~~', '> ~~~~'],
])('the title is %s', (_name, text, title) => {
  expect(formsForDingtalk(text, 'markdown')[0]).toEqual({ kind: 'markdown', title, text });
});

test.each(['markdown', 'text', 'auto'] as const)('keeps each type of line end in format %s', (format) => {
  const parts = splitForDingtalk('one\rtwo\r\nthree\nfour', format);
  expect(parts.map((part) => part.split('\n').map((line) => line.trim()))).toEqual([['one', 'two', 'three', 'four']]);
});

describe('the links at the end', () => {
  const link = (name: string) => `- [${name}](https://example.com/${name})`;
  const button = (name: string) => ({ title: name, url: `https://example.com/${name}` });
  test.each([
    ['one', `See:\n${link('a')}`, [button('a')]],
    ['five', `See:\n\n${['a', 'b', 'c', 'd', 'e'].map(link).join('\n')}`, ['a', 'b', 'c', 'd', 'e'].map(button)],
    ['with blank lines between', `See:\n${link('a')}\n\n${link('b')}`, [button('a'), button('b')]],
    [
      'numbered',
      'See:\n1. [a](http://x)\n2) [b](HTTPS://y/?q=1#z)',
      [
        { title: 'a', url: 'http://x' },
        { title: 'b', url: 'HTTPS://y/?q=1#z' },
      ],
    ],
    ['with brackets in the address', 'See:\n* [a](https://x/y_(z))', [{ title: 'a', url: 'https://x/y_(z)' }]],
    ['with a picture', 'See:\n- ![a](https://x)', [{ title: 'a', url: 'https://x' }]],
    ['with marks in the label', 'See:\n+ [**C#** `_x`](https://x)', [{ title: 'C# _x', url: 'https://x' }]],
    [
      'with a long label',
      `See:\n- [${'🚀'.repeat(41)}](https://x)`,
      [{ title: `${'🚀'.repeat(39)}…`, url: 'https://x' }],
    ],
  ])('%s become buttons', (_name, markdown, buttons) => {
    const [text = ''] = splitForDingtalk(markdown, 'auto');
    expect(formsForDingtalk(text, 'auto')).toEqual([
      { kind: 'actionCard', title: 'See:', text: 'See:', buttons },
      { kind: 'markdown', title: 'See:', text },
      { kind: 'text', content: text },
    ]);
  });

  test.each([
    ['six', `See:\n${['a', 'b', 'c', 'd', 'e', 'f'].map(link).join('\n')}`],
    ['no text before', [link('a'), link('b')].join('\n')],
    ['text behind', `See:\n${link('a')}\n\nThat is all.`],
    ['text after a link', `See:\n${link('a')}\n${link('b')} (new)`],
    ['another item above', `See:\n- nothing\n\n${link('a')}`],
    ['an item of two lines above', `See:\n- nothing\n  more\n${link('a')}`],
    ['items below each other', `See:\n${link('a')}\n  ${link('b')}`],
    ['two links in an item', 'See:\n- [a](https://x)[b](https://y)'],
    ['a link with a title', 'See:\n- [a](https://x "y")'],
    ['no label', 'See:\n- [**](https://x)'],
    ['another protocol', 'See:\n- [a](javascript:x)\n- [b](dingtalk://x)'],
    ['a link outside a list', 'See:\n[a](https://x)'],
    ['code', `See:\n\`\`\`\n${link('a')}\n\`\`\``],
    ['code that is never closed', `See:\n\`\`\`\n${link('a')}`],
  ])('stay links: %s', (_name, markdown) => {
    const [text = ''] = splitForDingtalk(markdown, 'auto');
    expect(formsForDingtalk(text, 'auto').map(({ kind }) => kind)).toEqual(['markdown', 'text']);
  });

  test('become buttons only in the last part of an answer', () => {
    const section = `${'word '.repeat(2_500)}\n\n${link('a')}\n${link('b')}`;
    const parts = splitForDingtalk(Array.from({ length: 3 }, () => section).join('\n\n'), 'auto');
    expect(parts.map((part) => part.trimEnd().endsWith(link('b')))).toEqual([true, true, true]);
    expect(parts.map((part) => formsForDingtalk(part, 'auto')[0].kind)).toEqual(['markdown', 'markdown', 'actionCard']);
  });
});

describe('the dialect', () => {
  test.each([
    ['a line end becomes a hard break', 'one\ntwo\n\nthree', 'one  \ntwo\n\nthree'],
    ['a fence is unchanged', 'look:\n```js\nif (a)\n  b();\n```\nend', 'look:\n```js\nif (a)\n  b();\n```\nend'],
    [
      'a table becomes a list',
      'Prices:\n\n| Item | Price |\n|:--|--:|\n| Tea | 3 |\n| Cake | 5 |\n\nThat is all.',
      'Prices:\n\n- **Item**: Tea; **Price**: 3\n- **Item**: Cake; **Price**: 5\n\nThat is all.',
    ],
    ['a table directly before code', 'a | b\n-|-\n1 | 2\n```\nx\n```', '- **a**: 1; **b**: 2\n\n```\nx\n```'],
    ['a table without rows', '| a | b |\n|---|---|', '- a / b'],
    ['empty cells are omitted', '| | b |\n|---|---|\n| x | |\n| | y |', '- x\n- **b**: y'],
    ['a column without values', '| a | b |\n|---|---|\n| x | |', '- a / b\n- **a**: x'],
    ['a bar that is text', '| a |\n|---|\n| x \\| y |', '- **a**: x | y'],
    ['a break by a backslash', 'one\\\ntwo\n\nC:\\\\\nx', 'one  \ntwo\n\nC:\\\\  \nx'],
    ['a backslash in indented code', 'so:\n\n    curl \\\n    x', 'so:\n\n    curl \\  \n    x'],
    ['a table in a fence is code', '```\n| a |\n|---|\n```', '```\n| a |\n|---|\n```'],
  ])('%s', (_name, markdown, shown) => {
    expect(toDialect(markdown)).toBe(shown);
  });
});

describe('the parts of an answer', () => {
  test.each([
    ['plain text is unchanged', 'one\ntwo', 'auto', ['one\ntwo']],
    ['Markdown sent as text is unchanged', '| a |\n|---|\n| 1 |', 'text', ['| a |\n|---|\n| 1 |']],
    ['Markdown is converted to the dialect', '| a |\n|---|\n| 1 |', 'auto', ['- **a**: 1']],
    ['invisible characters are removed', 'a\u001b[0mb\u0007\r\nc', 'auto', ['a[0mb\nc']],
    ['an empty answer has no parts', ' \u0000\n', 'auto', []],
  ] as const)('%s', (_name, text, format, parts) => {
    expect(splitForDingtalk(text, format)).toEqual(parts);
  });

  test('a table of 20,000 rows and a line of brackets are split within 3 s', () => {
    const table = ['| a | b |', '|---|---|', ...Array(20_000).fill('| 1 | 2 |')].join('\n');
    const links = `Look:\n${'- [a](https://b/(c)) '.repeat(40_000)})`;
    const items = `${'- [a](https://b)\n'.repeat(40_000)}`;
    const spent = cpuMilliseconds(() => {
      for (const text of [table, `**${'['.repeat(100_000)}`, links, items]) {
        for (const part of splitForDingtalk(text, 'auto')) formsForDingtalk(part, 'auto');
      }
    });
    expect(spent).toBeLessThan(3_000);
  });

  test('the repeated column names of many rows are bounded', () => {
    const table = `|${'x'.repeat(10_000)}|\n|-|\n${'|y|\n'.repeat(2_500)}`;
    const tables = `|${'x'.repeat(200)}|\n|-|\n${'|y|\n'.repeat(100)}\n`.repeat(30);
    for (const text of [table, tables]) expect(splitForDingtalk(text, 'auto').length).toBeLessThan(8);
    expect(toDialect(table)).toMatch(/^- x{10000}\n- y\n- y\n/);
  });

  test('fit in webhook and API with any escapes', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        '"'.repeat(9_000),
        '你好'.repeat(4_000),
        '```',
        '| a | b |',
        '|---|---|',
        '\\'.repeat(20_000),
        '- [a](https://b)',
        '',
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('auto', 'text', 'markdown'), (lines, format) => {
        for (const part of splitForDingtalk(lines.join('\n'), format)) {
          const { kind: _, ...param } = formsForDingtalk(part, format)[0];
          expect(Buffer.byteLength(JSON.stringify(param))).toBeLessThanOrEqual(15_000);
        }
      }),
      { numRuns: 40 },
    );
  });
});
