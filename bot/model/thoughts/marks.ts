// Marks of reasoning that servers leave in `content`.
// vLLM does so without `--reasoning-parser`: https://docs.vllm.ai/en/latest/features/reasoning_outputs/ (read 2026-11).

/** Opening and closing mark of reasoning at the start of an answer. */
export interface Wrapping {
  /** Matches the complete mark at the start of the text. */
  open: RegExp;
  /** Matches the beginning of a mark that is not complete yet. */
  unfinished: RegExp;
  close: RegExp;
  /** False for an opening of ordinary words. Without the closing mark, the text is the answer. */
  certain: boolean;
}

/**
 * `think`: DeepSeek-R1, Qwen, GLM, MiniMax. `thought`: Gemma, Marco-o1. `seed:think`: Seed-OSS. `longcat_think`:
 * LongCat. `reflection`: Reflection. Prompts ask for the other names.
 */
const NAMES = [
  ...['thinking', 'thoughts', 'think', 'thought', 'reasoning', 'reason', 'antthinking', 'seed:think'],
  ...['longcat_think', 'mm:think', 'reflection', 'thinking_process', 'thought_process', 'thoughtprocess'],
  ...['reasoning_process', 'chain_of_thought', 'inner_monologue', 'scratchpad', '思考', '思考过程'],
];
const ATTRIBUTES = String.raw`(?:\s[^<>\n]{0,200})?`;

const escaped = (text: string) => text.replace(/[|[\]()/\\^$.*+?]/g, '\\$&');

/** Matches every non-empty beginning of `mark`, and nothing longer. */
function beginningsOf(mark: string): string {
  return [...mark].reduceRight((rest, character) => `${escaped(character)}(?:${rest})?`, '').replace('(?:)?', '');
}

function tag(name: string): Wrapping {
  return {
    open: new RegExp(`^<${name}${ATTRIBUTES}>`, 'i'),
    unfinished: new RegExp(`^(?:${beginningsOf(`<${name}`)}|<${name}${ATTRIBUTES})$`, 'i'),
    // Inside reasoning, a mark in backticks is a quotation.
    close: new RegExp(`(?<!\`)</${name}\\s*>`, 'i'),
    certain: true,
  };
}

function pair(open: string, close: string, certain = true): Wrapping {
  return {
    open: new RegExp(`^${escaped(open)}`),
    unfinished: new RegExp(`^${beginningsOf(open)}$`),
    close: new RegExp(escaped(close)),
    certain,
  };
}

const MESSAGE = String.raw`(?:<\|constrain\|>[^<]{0,50})?<\|message\|>`;
const CHANNEL = String.raw`^(?:<\|start\|>\s*assistant\s*)?<\|channel\|>`;

/**
 * Channels of gpt-oss: https://developers.openai.com/cookbook/articles/openai-harmony (read 2026-11). Some servers leak
 * them: https://github.com/vllm-project/vllm/pull/32633 (read 2026-11).
 */
const harmony: Wrapping = {
  open: new RegExp(String.raw`${CHANNEL}(?!\s*final)[^<]{0,200}${MESSAGE}`),
  unfinished: new RegExp(
    String.raw`^(?:${beginningsOf('<|start|>')}|${beginningsOf('<|channel|>')}|<\|(?:start|channel)\|>(?:(?!<\|message\|>)[\s\S]){0,300})$`,
  ),
  close: /<\|(?:end|call|return)\|>|(?=<\|(?:start|channel)\|>)/,
  certain: true,
};

/** Matches headings of reasoning only. "Thinking about lunch" and "思考题" are headings of answers. */
const SUMMARY = String.raw`[^\p{L}<]{0,10}(?:(?:thinking|thought|reasoning)(?: process)?(?: (?:for|in) [^<]{1,40})?|(?:已|正在)?(?:深度)?(?:思考|推理)(?:过程|内容|中|完成)?)(?:[^\p{L}<]{0,10}|\s*[(（][^<]{0,40}[)）]\s*)`;

/** Empty element, `<think/>`. The reasoning is in another field, or is switched off. */
const emptyTag: Wrapping = {
  open: new RegExp(`^<(?:${NAMES.join('|')})\\s{0,20}/>`, 'i'),
  unfinished: new RegExp(`^<(?:${NAMES.join('|')})\\s{0,20}/?$`, 'i'),
  close: /^/,
  certain: true,
};

const FENCE = '```(?:thinking|think|thoughts?|reasoning)';
const fence: Wrapping = {
  open: new RegExp(`^${FENCE}[ \\t]{0,20}\\r?\\n`, 'i'),
  unfinished: new RegExp(
    `^(?:${['thinking', 'thoughts', 'reasoning'].map((name) => beginningsOf(`\`\`\`${name}`)).join('|')}|${FENCE}[ \\t]{0,20}\\r?)$`,
    'i',
  ),
  close: /(?<=^|\n)[ \t]{0,20}```[ \t]{0,20}(?=\r?\n)/,
  certain: true,
};

export const WRAPPINGS: readonly Wrapping[] = [
  emptyTag,
  ...NAMES.map(tag),
  harmony,
  pair('◁think▷', '◁/think▷'), // Kimi-VL
  pair('[THINK]', '[/THINK]'), // Magistral
  pair('<|begin_of_thought|>', '<|end_of_thought|>'), // OpenThinker
  pair('<|START_THINKING|>', '<|END_THINKING|>'), // Command
  pair('<|channel>thought', '<channel|>'), // Gemma 4
  pair('<unused94>', '<unused95>'), // MedGemma
  { ...tag('details'), open: /^<details\s[^<>\n]{0,100}\btype="?reasoning\b[^<>\n]{0,200}>/i }, // Open WebUI
  {
    // Dify: https://github.com/langgenius/dify/issues/14830 (read 2026-11)
    ...tag('details'),
    open: new RegExp(String.raw`^<details(?:\s[^<>\n]{0,300})?>\s*<summary>${SUMMARY}</summary>`, 'iu'),
    unfinished: /^<details(?:(?!<\/summary>)[\s\S]){0,500}$/i,
  },
  fence, // Thinking-Claude: https://github.com/richards199999/Thinking-Claude (read 2026-11)
  pair("Here's my thought process:", "Here's my response:", false), // Granite
  pair('Here is my thought process:', 'Here is my response:', false),
  // gpt-oss on a server that removes the special tokens: https://github.com/Augustas11/macprovider/issues/743 (read
  // 2026-11).
  { open: /^analysis(?=\S)/, unfinished: beginnings('analysis'), close: /assistant\s*final/, certain: false },
];

function beginnings(mark: string): RegExp {
  return new RegExp(`^${beginningsOf(mark)}$`);
}

/** Marks around an answer that follows reasoning. */
export interface AnswerMark {
  open: RegExp;
  unfinished: RegExp;
  /** Matches the end of the answer. */
  close: RegExp;
  /** True for marks that count after reasoning only. */
  afterThoughts?: boolean;
}

export const ANSWER_MARKS: readonly AnswerMark[] = [
  {
    open: new RegExp(String.raw`${CHANNEL}\s*final[^<]{0,100}${MESSAGE}`),
    unfinished: harmony.unfinished,
    close: /<\|(?:end|return)\|>/,
  },
  pair('<|START_RESPONSE|>', '<|END_RESPONSE|>'),
  pair('<|begin_of_solution|>', '<|end_of_solution|>'),
  { ...tag('answer'), afterThoughts: true }, // Hunyuan, DeepSeek-R1-Zero
  { ...tag('response'), afterThoughts: true }, // Granite
  { ...tag('output'), afterThoughts: true }, // Reflection
];

/** Returns a new global pattern for opening and closing marks inside an answer. */
export const markPattern = () =>
  new RegExp(
    `</?(?:${NAMES.join('|')})${ATTRIBUTES}>|◁/?think▷|\\[/?THINK\\]|<\\|(?:end|begin)_of_thought\\|>|<\\|(?:END|START)_THINKING\\|>`,
    'gi',
  );

export const isClosing = (mark: string): boolean => /^.\/|end_/i.test(mark);

const LITERALS = [
  ...NAMES.flatMap((name) => [`<${name}>`, `</${name}>`]),
  '◁think▷',
  '◁/think▷',
  '[think]',
  '[/think]',
  '<|begin_of_thought|>',
  '<|end_of_thought|>',
  '<|start_thinking|>',
  '<|end_thinking|>',
  '<|end|>',
  '<|return|>',
  '<|end_response|>',
  '<|end_of_solution|>',
  '</answer>',
  '</response>',
  '</output>',
  '<channel|>',
  '<unused95>',
  '</details>',
];
const LONGEST_LITERAL = Math.max(...LITERALS.map((literal) => literal.length));

/** Matches a tag with a complete name, followed by white space or attributes. */
const UNFINISHED_TAG = new RegExp(`</?(?:${NAMES.join('|')}|answer|response|output|details)\\s[^<>\n]{0,200}$`, 'i');
const LONGEST_TAG = 240;

/** Returns the length of the end of `text` that may be the beginning of a mark. */
export function unfinishedMark(text: string): number {
  const tag = UNFINISHED_TAG.exec(text.slice(-LONGEST_TAG))?.[0];
  if (tag !== undefined) return tag.length;
  const end = text.slice(-LONGEST_LITERAL).toLowerCase();
  for (let from = 0; from < end.length; from += 1) {
    const tail = end.slice(from);
    if ('<◁['.includes(tail.charAt(0)) && LITERALS.some((literal) => literal.startsWith(tail))) return tail.length;
  }
  return 0;
}
