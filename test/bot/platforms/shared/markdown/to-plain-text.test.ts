// Markdown as plain text, and as safe Markdown.
import { describe, expect, test } from '@jest/globals';
import { isPlain, toPlainText } from '../../../../../bot/platforms/shared/markdown/to-plain-text.ts';
import { toSafeMarkdown } from '../../../../../bot/platforms/shared/markdown/to-safe-markdown.ts';

describe('toPlainText removes the marks of', () => {
  test.each([
    ['emphasis', 'a **b** *c* ~~d~~ `e`', 'a b c d e'],
    ['nested emphasis', '**a *b `c`***', 'a b c'],
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
    ['a bar in a cell', '| a |\n|---|\n| `b \\| c` \\| d |', 'a\nb | c | d'],
    ['a quote', '> a\n> **b**', '> a\n> b'],
    ['a rule', 'a\n\n***\n\nb', 'a\n\n———\n\nb'],
    ['an escape', '1 \\* 2', '1 * 2'],
    ['a hard line break', 'a  \nb', 'a\nb'],
    ['nothing in HTML', 'a <b>c</b>', 'a <b>c</b>'],
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

/** Emphasis that CommonMark alone does not recognise: a mark between a letter and punctuation, beside CJK. */
const BESIDE_CJK: [string, string, string][] = [
  ['这是**“重点”**内容', '这是“重点”内容', '这是 **“重点”** 内容'],
  ['**标题：**内容', '标题：内容', '**标题：** 内容'],
  ['这是**《书》**。', '这是《书》。', '这是 **《书》**。'],
  ['他说**"好"**了', '他说"好"了', '他说 **"好"** 了'],
  ['这是*“重点”*内容', '这是“重点”内容', '这是 *“重点”* 内容'],
  ['这是***“重点”***内容', '这是“重点”内容', '这是 ***“重点”*** 内容'],
  ['这是__“重点”__内容', '这是“重点”内容', '这是 __“重点”__ 内容'],
  ['这是~~“重点”~~内容', '这是“重点”内容', '这是 ~~“重点”~~ 内容'],
  ['**重点✅**继续', '重点✅继续', '**重点✅** 继续'],
  ['用**`ls`**命令', '用ls命令', '用 **`ls`** 命令'],
  ['见**[页](https://a.example)**吧', '见页 (https://a.example)吧', '见 **[页](https://a.example)** 吧'],
  ['**一：**甲**二：**乙', '一：甲二：乙', '**一：** 甲**二：** 乙'],
  ['これは**「大事」**です', 'これは「大事」です', 'これは **「大事」** です'],
  ['이것은**‘중요’**합니다', '이것은‘중요’합니다', '이것은 **‘중요’** 합니다'],
];

describe('emphasis beside CJK punctuation', () => {
  test.each(BESIDE_CJK)('%s', (markdown, plain, shown) => {
    expect(toPlainText(markdown)).toBe(plain);
    expect(isPlain(markdown)).toBe(false);
    expect(toSafeMarkdown(markdown)).toBe(shown);
    expect(toSafeMarkdown(shown)).toBe(shown);
  });

  test.each(['价格*（1+税率）*数量', '2**(3)**2', '用户_编号_表', '2 * 3 ** 4', '这是**重点**内容'])(
    '%s needs no space',
    (text) => {
      expect(toSafeMarkdown(text)).toBe(text);
    },
  );
});

describe('toSafeMarkdown', () => {
  test.each([
    ['shows an image as a link', '![cat](https://a.example/c.png)', '[cat](https://a.example/c.png)'],
    ['shows an image without text as its address', 'a ![](https://a.example/c.png)', 'a  https://a.example/c.png '],
    ['shows a link without text as its address', 'a [](https://a.example/c)', 'a  https://a.example/c '],
    [
      'keeps links to the web',
      '[a](https://b.example/(c) "d") <https://e.example>',
      '[a](https://b.example/(c) "d") <https://e.example>',
    ],
    ['keeps links to mail addresses', '[a](mailto:b@c.example)', '[a](mailto:b@c.example)'],
    [
      'removes active addresses',
      '[a](javascript:b()) [c](JAVA&#x73;CRIPT:d) [e](dtmd://f)',
      '\u200ba\u200b \u200bc\u200b \u200be\u200b',
    ],
    ['shows links with other addresses as text', '[a](./b.md) [c](tel:+1)', '[a]\u200b(./b.md) [c]\u200b(tel:+1)'],
    [
      'breaks definitions',
      '[a]: javascript:b\n[c]: https://d.example',
      '[a]\u200b: javascript:b\n[c]: https://d.example',
    ],
    [
      'breaks all tags except a few',
      'a <b>c</b><br> <img src=x> <!-- d',
      'a <b>c</b><br> <\u200bimg src=x> <\u200b!-- d',
    ],
    ['breaks autolinks with other schemes', '<javascript:a> <data:b>', '<\u200bjavascript:a> <\u200bdata:b>'],
    [
      'keeps code',
      '`<a>` and `x[0](y)`\n```html\n<img src=x>![a](b)\n```',
      '`<a>` and `x[0](y)`\n```html\n<img src=x>![a](b)\n```',
    ],
    [
      'breaks tags in code behind an address that contains a backtick',
      'https://a`b http://c`*``<javascript:x>``',
      'https://a`b http://c`*``<\u200bjavascript:x>``',
    ],
    [
      'breaks tags in code if an address may include a backtick',
      'https://a`b`c` `<img src=x>`',
      'https://a`b`c` `<\u200bimg src=x>`',
    ],
    [
      'keeps code that is separated from an address',
      'https://a，`b` `<a>`\n\nhttps://a `<a>`',
      'https://a，`b` `<\u200ba>`\n\nhttps://a `<a>`',
    ],
    [
      'breaks tags in code behind an unpaired backtick in another cell',
      '|a|\n|-|\n# `b|`<img src=x>`|`<a>`',
      '|a|\n|-|\n# `b|`<\u200bimg src=x>`|`<\u200ba>`',
    ],
    [
      'ends the code of an item with the item, also behind a line at the margin',
      '1. a\nb\n   ```\n<img src=x>',
      '1. a\nb\n   ```\n<\u200bimg src=x>',
    ],
    [
      'begins no item at a number within a paragraph',
      'a\n3. b\n      ```\n      <img src=x>\n      ```',
      'a\n3. b\n      ```\n      <\u200bimg src=x>\n      ```',
    ],
    [
      'begins no item at a number within the paragraph of an item',
      '1. a\n   3. b\n         ```\n         <img src=x>\n         ```',
      '1. a\n   3. b\n         ```\n         <\u200bimg src=x>\n         ```',
    ],
    [
      'keeps code in items',
      'Do:\n1. a\n   b\n   ```\n   x[0](y)\n   ```\n\n   - c\n\n     ```\n     x[0](y)\n     ```\nd\n\n```\nx[0](y)\n```',
      'Do:\n1. a\n   b\n   ```\n   x[0](y)\n   ```\n\n   - c\n\n     ```\n     x[0](y)\n     ```\nd\n\n```\nx[0](y)\n```',
    ],
    [
      'breaks text that only some clients parse as code',
      '> ```\n![a](https://b)\n```',
      '> ```\n!\u200b[a]\u200b(https://b)\n```',
    ],
  ])('%s', (_name, markdown, shown) => {
    expect(toSafeMarkdown(markdown)).toBe(shown);
  });
});
