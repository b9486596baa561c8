// Reasoning inside the content of an answer is hidden, wherever the stream splits it.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createThoughtFilter } from '../../../../bot/model/thoughts/hide-thoughts.ts';

const SECRET = 'HIDDEN';

interface Run {
  text: string;
  /** All texts that were shown during the stream. */
  shown: string[];
  wasUnopened: boolean;
}

function run(pieces: readonly string[], { expectUnopened = false, separate = false } = {}): Run {
  const filter = createThoughtFilter({ expectUnopened });
  if (separate) filter.recordSeparateReasoning();
  const shown: string[] = [];
  for (const piece of pieces) {
    filter.push(piece);
    shown.push(filter.text);
  }
  filter.end();
  return { text: filter.text, shown: [...shown, filter.text], wasUnopened: filter.wasUnopened };
}

/** Returns the text in one piece, by character, and split in two at each position. */
function splitEverywhere(text: string): string[][] {
  const characters = [...text];
  const inTwo = characters.map((_, at) => [characters.slice(0, at).join(''), characters.slice(at).join('')]);
  return [[text], characters, ...inTwo];
}

const ANSWER = 'The capital is Paris.\n\nIt lies at the Seine.';
const CODE = 'Like this:\n```js\ncode\n```\nThat is all.';

describe('hides reasoning at the start, split at any position:', () => {
  const names = [
    'think',
    'thinking',
    'thought',
    'thoughts',
    'reason',
    'reasoning',
    'Thought',
    'THINK',
    'seed:think',
    'longcat_think',
    'reflection',
    'thought_process',
    '思考',
  ];
  const wrapped = [
    ...names.map((name) => `<${name}>\nOkay, ${SECRET}.\n</${name}>\n\n${ANSWER}`),
    `<think time="3" lang='en'>${SECRET}</think>${ANSWER}`,
    `\n \uFEFF\n<think>${SECRET}</think>\n${ANSWER}`,
    `<think>\n\n</think>\n\n${ANSWER}`,
    `<think lang="en">${SECRET}</think >\n${ANSWER}`,
    `</think >\n${ANSWER}`,
    `<think>${SECRET}</think>\n<answer >${ANSWER}</answer >`,
    `<think>${SECRET}</think>\n<think>${SECRET} again</think>\n${ANSWER}`,
    `<think>The tag \`</think>\` ends it, ${SECRET}.</think>${ANSWER}`,
    `<think>They ask what <think> is, ${SECRET}.</think>${ANSWER}`,
    `<think>User asks about <think>these</think>tags, ${SECRET}...</think>${ANSWER}`,
    `<think>${SECRET} outer<thought>inner</thought> middle</think>${ANSWER}`,
    `◁think▷${SECRET}◁/think▷${ANSWER}`,
    `[THINK]${SECRET}[/THINK]${ANSWER}`,
    `<|begin_of_thought|>${SECRET}<|end_of_thought|>\n\n<|begin_of_solution|>\n\n${ANSWER}<|end_of_solution|>`,
    `<|START_THINKING|>${SECRET}<|END_THINKING|><|START_RESPONSE|>${ANSWER}<|END_RESPONSE|>`,
    `<|channel|>analysis<|message|>${SECRET}<|end|><|start|>assistant<|channel|>final<|message|>${ANSWER}<|return|>`,
    `<|channel|>analysis<|message|>${SECRET}<|end|><|start|>assistant<|channel|>commentary to=functions.x <|constrain|>json<|message|>{"a":"${SECRET}"}<|call|><|start|>assistant<|channel|>final<|message|>${ANSWER}`,
    `<|channel|>analysis<|message|>${SECRET}<|channel|>final<|message|>${ANSWER}`,
    `analysisWe need to answer, ${SECRET}.assistantfinal${ANSWER}`,
    `analysisuser asks, ${SECRET}.assistantfinal${ANSWER}`,
    `analysis用户问首都，${SECRET}。assistantfinal${ANSWER}`,
    `<|channel>thought\n${SECRET}<channel|>${ANSWER}`,
    `<unused94>thought\n${SECRET}<unused95>${ANSWER}`,
    `<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n${SECRET}\n</details>\n${ANSWER}`,
    `<details style="color:gray;" open> <summary> Thinking... </summary>\n${SECRET}\n</details>\n\n${ANSWER}`,
    `<details><summary>思考过程</summary>${SECRET}</details>${ANSWER}`,
    `<details><summary>💭 已深度思考（用时 5 秒）</summary>${SECRET}</details>${ANSWER}`,
    `<details><summary>Thought for 5 seconds</summary>${SECRET}</details>${ANSWER}`,
    `<think/>${ANSWER}`,
    `<think />\n\n${ANSWER}`,
    `\`\`\`think\n${SECRET}\n\`\`\`\n${ANSWER}`,
    `\`\`\`thinking\n${SECRET} \`\`\`x\`\`\`\n\`\`\`\n\n${ANSWER}`,
    `<think>${SECRET}</think><response>${ANSWER}</response>`,
    `Here's my thought process: ${SECRET} Here's my response: ${ANSWER}`,
    `<think>\n${SECRET}\n</think>\n<answer>\n${ANSWER}\n</answer>`,
    `</think>\n\n${ANSWER}`,
  ];

  test.each(wrapped)('%j', (content) => {
    for (const pieces of splitEverywhere(content)) {
      const { text, shown } = run(pieces);
      // The sender trims white space around the answer.
      expect(text.trim()).toBe(ANSWER);
      expect(shown.filter((one) => !ANSWER.startsWith(one.trim()))).toEqual([]);
    }
  });

  test.each([
    `<think>\n${SECRET} and no end`,
    `<think>${SECRET}</think>`,
    `<think>${SECRET}</think>\n \n`,
    `<|channel|>analysis<|message|>${SECRET}`,
  ])('the answer is empty without other content: %j', (content) => {
    for (const pieces of splitEverywhere(content)) {
      const { text, shown } = run(pieces);
      expect(text.trim()).toBe('');
      expect(shown.join('')).not.toContain(SECRET);
    }
  });
});

test.each([
  { start: '<think>', quoted: '`</think>`', end: '</think>' },
  { start: '```thinking\n', quoted: 'x```\n', end: '\n```\n' },
])('a quoted mark after $start does not end reasoning of any length', ({ start, quoted, end }) => {
  for (let length = 850; length < 950; length += 1) {
    const content = `${start}${'a'.repeat(length)}${quoted}${SECRET.repeat(50)}${end}${ANSWER}`;
    expect({ length, text: run([...content]).text.trim() }).toEqual({ length, text: ANSWER });
  }
});

test('an opening mark inside reasoning of any length is counted', () => {
  for (let length = 850; length < 950; length += 1) {
    const content = `<think>${'a'.repeat(length)}<think>${'b'.repeat(200)}</think> tags, ${SECRET}.</think>${ANSWER}`;
    const { text, shown } = run([...content]);
    expect({ length, text, hidden: !shown.join().includes(SECRET) }).toEqual({ length, text: ANSWER, hidden: true });
  }
});

describe('keeps marks elsewhere as part of the answer, split at any position:', () => {
  test.each([
    'Use <think> and </think> around reasoning.',
    'An example:\n\n```xml\n<think>\nhm\n</think>\n```\n\nThat is all.',
    '```\n</think>\n```',
    '~~~\nx\n</think>\n~~~\nEnd.',
    '`<think>` opens and `</think>` closes.',
    'First line.\n<think>not at the start</think>\nLast line.',
    'First line.\n<think>\nnot at the start\n</think>\nLast line.',
    '<thinkpad> is a computer',
    '<b>bold</b> <details><summary>more</summary>text</details>',
    '<details><summary>More</summary>text</details>',
    '<details><summary>思考题答案</summary>text</details>',
    '<details><summary>Thinking about lunch</summary>text</details> more',
    '```thinkpad\ntext\n```\nmore',
    'It ends with </think>',
    '结束标记是 </think>\n',
    '<answer>in tags, without reasoning</answer>',
    '[THINKING] about it',
    'analysis of the data',
    'analysis: none',
    "Here's my plan: go.",
    "Here's my thought process: I looked at it and that is my whole answer.",
    'a < b and c > d',
    '  indented',
    '<thin',
    'Ends with <',
    'Okay, so this is a friendly answer.',
    'The user manual is in the drawer.',
    '好的，用户手册在这里。',
  ])('%j', (content) => {
    for (const pieces of splitEverywhere(content)) expect(run(pieces).text).toBe(content);
  });

  test('a mark in the answer after reasoning', () => {
    const answer = 'The tag </think> ends reasoning:\n```\n</think>\n```';
    for (const pieces of splitEverywhere(`<think>${SECRET}</think>\n${answer}`)) expect(run(pieces).text).toBe(answer);
  });

  test('a mark in the answer of an endpoint that sends reasoning in a separate field', () => {
    const content = 'Text.\n</think>\nMore text.';
    for (const pieces of splitEverywhere(content)) {
      expect(run(pieces, { separate: true, expectUnopened: true })).toMatchObject({
        text: content,
        wasUnopened: false,
      });
    }
  });
});

describe('reasoning with a closing mark only', () => {
  const thoughts = `Paris is a city. ${SECRET}`;

  test.each([
    `${thoughts}\n</think>\n\n${ANSWER}`,
    `${thoughts}.</think>\n${ANSWER}`,
    `${thoughts}\n</think>${ANSWER}`,
    `${thoughts}\n◁/think▷\n${ANSWER}`,
    `${thoughts}\n[/THINK]\n${ANSWER}`,
    `${thoughts} \`code\` and\n\`\`\`\nmore\n\`\`\`\n</think>\n${ANSWER}`,
    `${thoughts}\n\`\`\`ls -la\`\`\` lists all.\n</think>\n${ANSWER}`,
    `${thoughts}\n\`\`\`md\n\`\`\`js\nmore\n\`\`\`\n</think>\n${ANSWER}`,
    `${thoughts}\n</think >\n${ANSWER}`,
  ])('the answer follows the mark: %j', (content) => {
    for (const pieces of splitEverywhere(content)) {
      expect(run(pieces)).toMatchObject({ text: ANSWER, wasUnopened: true });
    }
  });

  test.each([
    { name: 'a fence', content: `${thoughts}\n\`\`\`js\nmore\n</think>\n\n${ANSWER}` },
    { name: 'a fence of tildes', content: `${thoughts}\n~~~\nmore</think>\n${ANSWER}` },
    {
      name: 'a fence after one that quotes the mark',
      content: `${thoughts}\n~~~\n</think>\n~~~\n\`\`\`\nmore\n</think>\n${ANSWER}`,
    },
    { name: 'a fence before an answer with code', content: `${thoughts}\n\`\`\`js\nmore\n</think>\n${CODE}`, is: CODE },
    { name: 'a span of code', content: `${thoughts} \`more</think>\n${ANSWER}` },
  ])('is hidden if it never closes $name', ({ content, is = ANSWER }) => {
    for (const pieces of splitEverywhere(content)) {
      const { text, shown } = run(pieces, { expectUnopened: true });
      expect(text).toBe(is);
      expect(shown.filter((one) => !is.startsWith(one))).toEqual([]);
    }
  });

  test.each([
    { name: 'with known reasoning', options: { expectUnopened: true }, start: 'Paris is a city.' },
    { name: 'that begins like reasoning', options: {}, start: 'Okay, so they want the capital.' },
    { name: 'that names the user', options: {}, start: 'Okay, user asks for the capital.' },
    { name: 'that begins like reasoning in Chinese', options: {}, start: '好的，用户问首都。' },
  ])('is not shown during the stream of a model $name', ({ options, start }) => {
    for (const pieces of splitEverywhere(`${start} ${SECRET}\n</think>\n\n${ANSWER}`)) {
      const { text, shown } = run(pieces, options);
      expect(text).toBe(ANSWER);
      expect(shown.filter((one) => !ANSWER.startsWith(one))).toEqual([]);
    }
  });

  test('an answer that was buffered without need is complete', () => {
    const content = `Okay, so here it is:\n\`\`\`\n</think>\n\`\`\`\n${ANSWER}`;
    for (const pieces of splitEverywhere(content)) expect(run(pieces, { expectUnopened: true }).text).toBe(content);
  });
});

test('a text without marks is unchanged, in any pieces', () => {
  const unmarked = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => !/[<◁[]/.test(text));
  fc.assert(
    fc.property(fc.array(unmarked, { maxLength: 20 }), fc.boolean(), (pieces, expectUnopened) => {
      expect(run(pieces, { expectUnopened }).text).toBe(pieces.join(''));
    }),
  );
});

test('with any reasoning and any answer, each shown text is a beginning of the answer', () => {
  const tokens = fc.constantFrom('Hm', '\n', '`', '```\n', '<', 'think', '>', ' ', SECRET, '好', '[', '|');
  const text = fc.array(tokens, { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1, max: 7 }), (thoughts, rest, size) => {
      const answer = `Answer: ${rest}`;
      fc.pre(!/<think>/.test(thoughts) && !/`$/.test(thoughts));
      const content = `<think>${thoughts}</think>\n${answer}`;
      const pieces = content.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const { text: result, shown } = run(pieces);
      expect(result).toBe(answer);
      expect(shown.every((one) => answer.startsWith(one))).toBe(true);
    }),
  );
});

function cpu(content: string, size = 20): number {
  const before = process.cpuUsage();
  run(content.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [], { expectUnopened: true });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

test('the CPU time of a long stream of marks is linear in its length', () => {
  const marks = (count: number) => 'Text </think <think> `</think>` ``` '.repeat(count);
  cpu(marks(100));
  // About 40 ms here; a quadratic scan of these 720 kB takes minutes.
  expect(cpu(marks(20_000))).toBeLessThan(5_000);
});

test.each([' ', '\n', '```thinking ', '<think ', '<details ', '<|channel|>', '```', '[', '<'])(
  'the CPU time of an endless stream of %j is linear in its length',
  (piece) => {
    // About a second here; a quadratic scan takes 15 s or more.
    expect(cpu(piece + (piece.at(-1) ?? '').repeat(150_000), 3)).toBeLessThan(5_000);
  },
);
