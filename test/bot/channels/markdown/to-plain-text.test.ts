// Markdown read without its marks.
import { describe, expect, test } from '@jest/globals';
import { isPlain, toPlainText } from '../../../../bot/channels/markdown/to-plain-text.ts';

describe('marks go, words stay', () => {
  test.each([
    ['emphasis', 'a **b** *c* ~~d~~ `e`', 'a b c d e'],
    ['nested', '**a *b `c`***', 'a b c'],
    ['a heading', '# Title\n\ntext', 'Title\n\ntext'],
    ['a link', '[docs](https://a.example)', 'docs (https://a.example)'],
    ['a link named by its address', '[https://a.example](https://a.example)', 'https://a.example'],
    ['an image', '![cat](https://a.example/c.png)', 'cat (https://a.example/c.png)'],
    ['a bare image', '![](https://a.example/c.png)', 'https://a.example/c.png'],
    ['code', 'x\n\n```js\nlet a = "**";\n```\n\ny', 'x\n\nlet a = "**";\n\ny'],
    ['a list', '* a\n* b\n  * c', '- a\n- b\n  - c'],
    ['a numbered list', '3. a\n4. b', '3. a\n4. b'],
    ['tasks', '- [x] a\n- [ ] b', '- [x] a\n- [ ] b'],
    ['a table', '| a | b |\n|---|---|\n| **1** | 2 |', 'a | b\n1 | 2'],
    ['a quote', '> a\n> **b**', '> a\n> b'],
    ['a rule', 'a\n\n***\n\nb', 'a\n\n———\n\nb'],
    ['an escape', '1 \\* 2', '1 * 2'],
    ['a hard line end', 'a  \nb', 'a\nb'],
    ['HTML, as it is', 'a <b>c</b>', 'a <b>c</b>'],
  ])('%s', (_name, markdown, plain) => {
    expect(toPlainText(markdown)).toBe(plain);
  });
});

test.each([
  ['just words', true],
  ['two\nlines\n\nand a paragraph', true],
  ['2 * 3 * 4, snake_case, #tag, https://a.example/b_c?d=1', true],
  ['- a\n- b', true],
  ['5 < 6 & "x"', true],
  ['**bold**', false],
  ['`code`', false],
  ['| a |\n|---|\n| 1 |', false],
  ['[a](https://b.example)', false],
])('%j is plain: %s', (markdown, plain) => {
  expect(isPlain(markdown)).toBe(plain);
});
