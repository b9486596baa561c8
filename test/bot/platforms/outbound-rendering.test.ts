// Fuzzes the conversion of a model's answer to the platforms' bodies: within limits, complete, and harmless.
// FUZZ_RUNS=20000 and FUZZ_SEED=… set a longer search.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lexer, type Token, walkTokens } from 'marked';
import { cutAnswer } from '../../../bot/conversation/cut-answer.ts';
import { apiMessage, webhookBody } from '../../../bot/platforms/dingtalk/outbound/bodies.ts';
import {
  type DingtalkMessage,
  formsForDingtalk,
  splitForDingtalk,
} from '../../../bot/platforms/dingtalk/outbound/render.ts';
import { firstPartOf, formatsFor, renderFeishu, splitFeishu } from '../../../bot/platforms/feishu/outbound/render.ts';
import { toSafeMarkdown } from '../../../bot/platforms/shared/markdown/to-safe-markdown.ts';
import { wireSize } from '../../../bot/platforms/shared/markdown/wire-size.ts';
import { checkContent } from '../../../ops/lab/feishu/check-content.ts';
import { SHAPES } from './shared/markdown/shapes.ts';

const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 150), seed: Number(process.env.FUZZ_SEED ?? 20261127) };

const FEISHU = ['auto', 'card', 'post', 'text'] as const;
const DINGTALK = ['auto', 'markdown', 'text'] as const;

/** Text that a client receives. `isMarkdown`: the client renders it as Markdown. */
interface Shown {
  text: string;
  isMarkdown: boolean;
}

function throughFeishu(answer: string, format: (typeof FEISHU)[number]): Shown[] {
  return splitFeishu(answer).flatMap((part) =>
    formatsFor(part, format).map((form) => {
      const rendered = renderFeishu(form, part);
      expect(() => checkContent({ ...rendered })).not.toThrow();
      const bytes = Buffer.byteLength(
        JSON.stringify({ receive_id: 'c'.repeat(64), ...rendered, uuid: 'u'.repeat(50) }),
      );
      expect(bytes).toBeLessThanOrEqual((form === 'text' ? 150 : 30) * 1024);
      const content = JSON.parse(rendered.content);
      const text = content.text ?? content.zh_cn?.content[0][0].text ?? content.body.elements[0].content;
      return { text, isMarkdown: form !== 'text' };
    }),
  );
}

function throughDingtalk(answer: string, format: (typeof DINGTALK)[number]): Shown[] {
  return splitForDingtalk(answer, format).flatMap((part) =>
    formsForDingtalk(part, format).map((form) => {
      expect(Buffer.byteLength(apiMessage(form).msgParam)).toBeLessThanOrEqual(15_000);
      expect(Buffer.byteLength(JSON.stringify(webhookBody(form, 'm'.repeat(64))))).toBeLessThanOrEqual(20_000);
      return { text: textIn(form), isMarkdown: form.kind !== 'text' };
    }),
  );
}

function textIn(form: DingtalkMessage): string {
  if (form.kind === 'text') return form.content;
  const buttons = form.kind === 'actionCard' ? form.buttons : [];
  return [form.text, ...buttons.map(({ title, url }) => `\n- [${title}](${url})`)].join('\n');
}

const everyFormat: [string, (answer: string) => Shown[]][] = [
  ...FEISHU.map((format): [string, (answer: string) => Shown[]] => [
    `Feishu, ${format}`,
    (answer) => throughFeishu(answer, format),
  ]),
  ...DINGTALK.map((format): [string, (answer: string) => Shown[]] => [
    `DingTalk, ${format}`,
    (answer) => throughDingtalk(answer, format),
  ]),
];

const SCHEMES = ['javascript:x()', 'JaVaScRiPt:x', 'data:text/html,x', 'blob:https://a.example/1', 'vbscript:x'];
const CLIENT = ['dtmd://dingtalkclient/sendMessage?content=x', 'dingtalk://x', 'lark://x', 'DTMD://x'];
const TWISTED = [
  'java&#115;cript:x',
  'java\\script:x',
  '\tjavascript:x',
  'javascript&colon;x',
  'java%73cript:x',
  '&#x6A;avascript:x',
];
const target = fc.constantFrom(
  ...[...SCHEMES, ...CLIENT, ...TWISTED, 'https://a.example/b_c*d', 'http://[::1]:1/', 'mailto:a@b.example', 'tel:+1'],
  ...[
    '/x',
    '#x',
    'x',
    '',
    'file:///etc/passwd',
    'https://a.example/(b)',
    'https://a`b',
    'https://a "b"',
    '//a.example',
  ],
);
const separator = fc.constantFrom(
  '',
  ' ',
  '\n',
  '“',
  '”',
  '，',
  '**',
  '*',
  '_',
  '`',
  '``',
  '\\',
  '|',
  '~~',
  '!',
  '[',
  ']',
  '<',
  '>',
);

/** Placeholder of a visible word. Words are numbered later, so that a lost word is detected. */
const word = fc.constant('§');
const inline: fc.Arbitrary<string> = fc.letrec<{ node: string; nodes: string }>((tie) => ({
  nodes: fc
    .array(fc.tuple(tie('node'), separator), { maxLength: 5 })
    .map((pairs) => pairs.map(([node, behind]) => node + behind).join('')),
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    word,
    fc.constantFrom(
      '重点',
      '“',
      '：',
      '<b>',
      '<br>',
      '<font color="red">',
      '<!--',
      '<at id=all></at>',
      '<AT user_id="all">',
    ),
    fc.constantFrom(
      '<img src="http://a.example">',
      '<a href="javascript:x">',
      '&lt;',
      '👩‍👩‍👧',
      '\u200b',
      '\u202e',
      '\ud83d',
      '\u0000',
    ),
    target.map((address) => `<${address}>`),
    target,
    fc
      .tuple(fc.constantFrom('*', '**', '***', '_', '__', '~~', '`', '``'), tie('nodes'))
      .map(([m, text]) => m + text + m),
    fc
      .tuple(
        fc.constantFrom('[', '![', '\\[', '\\![', '!\\['),
        tie('nodes'),
        fc.constantFrom('](', '] (', ']\n(', '\\]('),
        target,
      )
      .map(([open, text, middle, address]) => `${open}${text}${middle}${address})`),
    fc.tuple(tie('nodes'), target).map(([text, address]) => `[${text}](<${address}> "![title](http://a.example)")`),
    fc.tuple(tie('nodes'), fc.constantFrom('a', 'b')).map(([text, name]) => `[${text}][${name}]`),
  ),
})).nodes;

const line = inline.map((text) => text.replaceAll('\n', ' '));
const fence = fc.constantFrom('```', '````', '~~~', '   ```', '    ```', '> ```', '- ```', '```js');
const block: fc.Arbitrary<string> = fc.oneof(
  inline,
  fc
    .tuple(fc.constantFrom('# ', '> ', '>> ', '- ', '1. ', '  - ', '    ', '> - ', '\t'), inline)
    .map(([mark, text]) => mark + text),
  fc.tuple(fence, line, fence).map(([open, text, close]) => `${open}\n${text}\n${close}`),
  fc.tuple(fence, line).map(([open, text]) => `${open}\n${text}`),
  fc.tuple(fc.array(line, { minLength: 1, maxLength: 3 }), fc.nat(3)).map(([cells, rows]) => {
    const row = `|${cells.map((cell) => cell.replaceAll('|', '/')).join('|')}|`;
    return [row, `|${cells.map(() => '---').join('|')}|`, ...Array.from({ length: rows }, () => row)].join('\n');
  }),
  fc.tuple(fc.constantFrom('a', 'b'), target).map(([name, address]) => `[${name}]: ${address}`),
  fc
    .tuple(fc.constantFrom('> ', '- ', '  '), fc.integer({ min: 1, max: 300 }))
    .map(([mark, depth]) => `${mark.repeat(depth)}x`),
  fc.constantFrom('<pre>', '<!--', '-->', '<br>', '</b>', '---', '===', '***', '```', ''),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const answer = fc
  .array(fc.tuple(block, fc.constantFrom('\n', '\n\n', '\r\n')), { maxLength: 8 })
  .map((blocks) => blocks.flat().join(''))
  .map((text) => {
    let count = 0;
    return text.replaceAll('§', () => {
      count += 1;
      return `w${count}x`;
    });
  });

/** Returns the pieces that a CommonMark client would load, link to or run. */
function harmsIn({ text, isMarkdown }: Shown): string[] {
  const found =
    text.match(/<\/?(?:at|person)\b|(?:dtmd|dingtalk|lark):\/\/|\]\(\s*<?(?:javascript|vbscript|data|blob|file):/gi) ??
    [];
  const harms: string[] = [...found];
  if (!isMarkdown) return harms;
  walkTokens(lexer(text), (token: Token) => {
    if (token.type === 'image') harms.push(token.raw);
    if (token.type === 'link' && !/^(?:https?:\/\/|mailto:)/i.test(token.href)) harms.push(token.raw);
    if (token.type === 'html' && /<(?!\/?(?:b|strong|i|em|u|s|del|sub|sup|br|hr|font)\b)[a-z/!?]/i.test(token.raw))
      harms.push(token.raw);
  });
  return harms;
}

/**
 * Returns the pieces that could act in a client. Searches without a parser, which would be too slow for long texts.
 * Only links to the web may remain, and no other mark of an image, a link or a tag.
 */
function marksIn({ text, isMarkdown }: Shown): string[] {
  const found: string[] = text.match(/<\/?(?:at|person)\b|(?:dtmd|dingtalk|lark):\/\//gi) ?? [];
  const active = text.match(/\]\(\s*<?(?:javascript|vbscript|data|blob|file):/gi) ?? [];
  const seen = isMarkdown ? (text.match(/!\[|\]\((?!<?(?:https?:\/\/|mailto:))|<(?=img|a\b|script|!--)/gi) ?? []) : [];
  return [...found, ...active, ...seen];
}

/** Opening line of a fence, which clients do not show. */
const INFO = /^[\s>*+\-\d.)]*(?:```|~~~).*$/gm;

describe.each(everyFormat)('%s', (_name, through) => {
  test('no answer loads, runs or calls by itself', () => {
    fc.assert(
      fc.property(answer, (text) => {
        for (const shown of through(text)) expect(harmsIn(shown)).toEqual([]);
      }),
      runs,
    );
  });

  test('every word arrives', () => {
    fc.assert(
      fc.property(answer, (text) => {
        const arrived = through(text.repeat(1))
          .map((shown) => shown.text)
          .join('\n');
        const words = text.replaceAll(INFO, '').match(/w\d+x/g) ?? [];
        expect(words.filter((each) => !arrived.includes(each))).toEqual([]);
      }),
      runs,
    );
  });
});

/** Units with more marks or lines per character than the limits for parsing marks. */
const DENSE: [string, string][] = [
  ['marks', '*a_ ![w1x](https://b) '],
  ['links', '[](javascript:x)[w2x](https://b)'],
  ['tags', '<b><at id=all><img src=x>w3x'],
  ['lines', 'w4x\n'],
  ['short lines with marks', '*a* ![](b)\n<img>\n\n'],
  ['tables', 'a|b\n-|-\n1|2\n'],
  ['tables apart', 'a|b\n-|-\n![](javascript:x)|2\n\n'],
  ['fences', '```\nw5x\n```\n<at id=all>\n'],
  ['cells', '|*a|_b|`c'],
];

describe('beyond the limits for parsing marks', () => {
  test.each(DENSE)('%s: no piece acts, every word arrives', (_name, unit) => {
    const dense = unit.repeat(Math.ceil(40_000 / unit.length));
    fc.assert(
      fc.property(answer, (text) => {
        // Removes fences and code, which would turn the text behind them into code.
        const rest = text.replaceAll(/[`~]|^(?: {4}|\t)/gm, '');
        const words = rest.match(/w\d+x/g) ?? [];
        for (const [, through] of everyFormat) {
          const all = through(`${dense}\n\n${rest}`);
          for (const shown of all) expect(marksIn(shown)).toEqual([]);
          const arrived = all.map((shown) => shown.text).join('\n');
          expect(words.filter((each) => !arrived.includes(each))).toEqual([]);
        }
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 50) },
    );
  });
});

test('a rendered part has at most the bytes of wireSize', () => {
  fc.assert(
    fc.property(answer, (text) => {
      const part = toSafeMarkdown(text);
      const rendered = toSafeMarkdown(part, { spaces: false });
      expect(Buffer.byteLength(JSON.stringify(JSON.stringify(rendered))) - 6).toBeLessThanOrEqual(wireSize(part, 2));
    }),
    runs,
  );
});

describe('renders texts that are expensive for a parser', () => {
  const CPU_MS = 2_000;

  test.each(Object.entries(SHAPES))('%s', (_name, shape) => {
    const text = shape(40_000);
    const start = process.cpuUsage();
    throughFeishu(text, 'auto');
    throughDingtalk(text, 'auto');
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(CPU_MS);
  });

  test.each(['[](', '> ', '- ', '1. ', '**a ', '![', '<b>', '[a](https://b) '])('%j, a million characters', (unit) => {
    const text = cutAnswer(unit.repeat(1_000_000 / unit.length));
    expect(Buffer.byteLength(text)).toBeLessThan(101_000);
    expect(throughFeishu(text, 'card').length + throughDingtalk(text, 'markdown').length).toBeLessThan(80);
    expect(firstPartOf(text)).not.toBe('');
  });
});
