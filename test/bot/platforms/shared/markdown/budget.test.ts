// Long answers of usual kinds are within the limits. Denser answers lose their formatting, but no text.
import { describe, expect, test } from '@jest/globals';
import { splitForDingtalk } from '../../../../../bot/platforms/dingtalk/outbound/render.ts';
import { splitFeishu } from '../../../../../bot/platforms/feishu/outbound/render.ts';
import { createMarkBudget, hasTooManyLines } from '../../../../../bot/platforms/shared/markdown/budget.ts';
import { toPlainText } from '../../../../../bot/platforms/shared/markdown/to-plain-text.ts';
import { toSafeMarkdown } from '../../../../../bot/platforms/shared/markdown/to-safe-markdown.ts';

const times = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));
/** Emphasis at the end of each text, which is only rendered within the limits. */
const LAST = '这是**“重点”**内容';
const LAST_SHOWN = '这是 **“重点”** 内容';

describe('within the limits all marks are rendered in', () => {
  test.each([
    [
      '1,000 rows of 5 columns',
      ['|a|b|c|d|e|', '|-|-|-|-|-|', ...times(1_000, (i) => `| ${i} | **done** | \`main\` | two days | nobody |`)],
    ],
    [
      'links in 1,000 rows',
      [
        '|a|b|',
        '|-|-|',
        ...times(1_000, (i) => `| [Page ${i}](https://a.example/pages/${i}) | [x](https://b.example/p) |`),
      ],
    ],
    ['a list with bold and code in each item', times(2_800, (i) => `- **Item ${i}**: run \`make ${i}\` now.`)],
    ['code', ['```c', ...times(3_000, (i) => `  x[${i}] = (*p++ << 3) | y_${i};`), '```']],
    ['numbers in code', ['```json', ...times(5_500, (i) => `  "${i}": ${1_000_000 + i},`), '```']],
    ['2,900 lines of one word', times(2_900, (i) => `${i % 10}`)],
  ])('%s', (_name, lines) => {
    const text = [...lines, '', LAST].join('\n');
    expect(text.length).toBeLessThan(110_000);
    expect(hasTooManyLines(text)).toBe(false);
    expect(toSafeMarkdown(text).endsWith(LAST_SHOWN)).toBe(true);
    expect(toPlainText(text).endsWith('这是“重点”内容')).toBe(true);
    for (const parts of [splitFeishu(text), splitForDingtalk(text, 'markdown')]) {
      expect(parts.at(-1)).toMatch(LAST_SHOWN);
    }
  });
});

describe('beyond the limits', () => {
  test('marks behind the last parsed mark are broken', () => {
    const marks = createMarkBudget('*a_ '.repeat(10_000)).left;
    const shown = toSafeMarkdown(`${'*a_ '.repeat(10_000)}\n\n![a](https://b) [c](https://d) <img>`);
    expect(marks).toBeLessThan(20_000);
    expect(shown.endsWith('!\u200b[a]\u200b(https://b) [c]\u200b(https://d) <\u200bimg>')).toBe(true);
  });

  test('text before them is rendered as usual', () => {
    expect(toSafeMarkdown(`${LAST} ![a](https://b)\n\n${'*a_ '.repeat(10_000)}`)).toMatch(
      `${LAST_SHOWN} [a](https://b)`,
    );
  });

  test.each(['\n', '\r', '\r\n'])('with lines that end with %j, marks are broken and all text is kept', (end) => {
    const text = times(4_000, (i) => `${i}![`).join(end);
    expect(hasTooManyLines(text)).toBe(true);
    expect(toSafeMarkdown(text)).toBe(text.replaceAll('![', '!\u200b['));
    expect(toPlainText(text)).toBe(text);
    expect(splitFeishu(text).join('').replaceAll(/\s/g, '')).toBe(toSafeMarkdown(text).replaceAll(/\s/g, ''));
  });

  test('parts end at line ends', () => {
    const text = times(9_000, (i) => `l${i} 字`).join('\n');
    expect(hasTooManyLines(text)).toBe(true);
    for (const parts of [splitFeishu(text), splitForDingtalk(text, 'auto')]) {
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.join('\n')).toBe(text);
    }
  });
});
