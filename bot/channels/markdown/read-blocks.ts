// Markdown as paragraphs, rows of tables and code: what is read for its marks, and what is not.
import { createFenceTrust } from './fence-trust.ts';
import { type Line, mayHaveFences, scanLines } from './scan-lines.ts';

export type Block =
  /** A line without marks to read: blank, of code, a fence, a ruler. */
  | { kind: 'line'; line: Line; isSure: boolean; what: LineKind }
  | { kind: 'row'; line: Line; isSure: boolean }
  | Paragraph;

export type LineKind = 'blank' | 'fence' | 'code' | 'indented' | 'ruler' | 'rule' | 'underline';

export interface Paragraph {
  kind: 'paragraph';
  /** Marks of quotes, lists and headings before each line. */
  prefixes: string[];
  /** The lines without them. */
  text: string;
  /** As of all blocks: every client agrees on which lines up to here are code. */
  isSure: boolean;
  /** False when the lines before it touch it: clients differ on where one ends then. */
  isApart: boolean;
  /** A line nearby is made of dashes and bars: a client may see a table. */
  isRuled: boolean;
}

/** Quotes, list items and a heading; at most as many as a reader can follow. */
const PREFIX = /^[ \t]*(?:(?:>|[-*+](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$))[ \t]*)*(?:#{1,6}(?:[ \t]+|$))?/;
const PREFIX_START = /^[ \t>*+#\d-]/;
const ITEM = /^(?:[-*+]|\d{1,9}[.)])[ \t]/;
const STARTS_ANEW = /[-*+#)\d]/;
const RULER_LIKE = /^[\s|:>+-]+$/;
const RULE = /^ {0,3}(?:\*[ \t]*){3,}$|^ {0,3}(?:-[ \t]*){3,}$|^ {0,3}(?:_[ \t]*){3,}$/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;

export function readBlocks(markdown: string): Block[] {
  const { lines } = scanLines(markdown);
  const blocks: Block[] = [];
  const trust = mayHaveFences(markdown) ? createFenceTrust() : () => true;
  let isApart = true;
  let isInList = false;
  for (const line of lines) {
    const isSure = trust(line);
    const before = blocks.at(-1);
    const what = whatIs(line, before, isInList);
    if (/^\S/.test(line.text)) isInList = ITEM.test(line.text);
    if (what === 'text') addText(blocks, { text: line.text, isSure, isApart });
    else blocks.push(what === 'row' ? { kind: 'row', line, isSure } : { kind: 'line', line, isSure, what });
    isApart = what === 'blank' || what === 'fence' || what === 'code';
  }
  markRuled(blocks, lines);
  return blocks;
}

/** Goes on with the paragraph before it, or begins one. */
function addText(blocks: Block[], { text, ...state }: Pick<Paragraph, 'text' | 'isSure' | 'isApart'>): void {
  const prefix = PREFIX_START.test(text) ? (PREFIX.exec(text)?.[0] ?? '') : '';
  const content = prefix === '' ? text : text.slice(prefix.length);
  const before = blocks.at(-1);
  if (before?.kind === 'paragraph' && continues(before, prefix)) {
    before.prefixes.push(prefix);
    before.text += `\n${content}`;
    before.isSure = state.isSure;
  } else blocks.push({ kind: 'paragraph', prefixes: [prefix], text: content, ...state, isRuled: false });
}

function whatIs(line: Line, before: Block | undefined, isInList: boolean): 'text' | 'row' | LineKind {
  const { text, inside, opens, closes } = line;
  if (opens === 'fence' || closes) return 'fence';
  if (inside?.kind === 'fence') return 'code';
  if (opens === 'table') return 'row';
  if (inside?.kind === 'table') return before?.kind === 'row' && before.line.opens === 'table' ? 'ruler' : 'row';
  return text === '' || text.trim() === '' ? 'blank' : whatIsText(text, before, isInList);
}

function whatIsText(text: string, before: Block | undefined, isInList: boolean): 'text' | LineKind {
  if (!PREFIX_START.test(text) && !text.startsWith('=') && !text.startsWith('_')) return 'text';
  if (before?.kind === 'paragraph' && before.prefixes[0] === '' && UNDERLINE.test(text)) return 'underline';
  if (RULE.test(text)) return 'rule';
  return !isInList && isIndented(text, before) ? 'indented' : 'text';
}

/** Code by four spaces, at the start or behind a blank line; in a list they only continue an item. */
function isIndented(text: string, before: Block | undefined): boolean {
  if (!/^(?: {4}|\t)/.test(text)) return false;
  return before === undefined || (before.kind === 'line' && (before.what === 'indented' || before.what === 'blank'));
}

function continues({ prefixes }: Paragraph, prefix: string): boolean {
  const [first = ''] = prefixes;
  if (first === '' && prefix === '') return true;
  return !first.includes('#') && !STARTS_ANEW.test(prefix) && quotesIn(first) === quotesIn(prefix);
}

function quotesIn(prefix: string): number {
  return prefix.split('>').length;
}

/** Marks all paragraphs between two blank lines when one of these lines looks like the ruler of a table. */
function markRuled(blocks: readonly Block[], lines: readonly Line[]): void {
  if (!lines.some(({ text }) => isRulerLike(text))) return;
  let nearby: Paragraph[] = [];
  let isRuled = false;
  const flush = () => {
    for (const paragraph of nearby) paragraph.isRuled = isRuled;
    nearby = [];
    isRuled = false;
  };
  for (const block of blocks) {
    if (block.kind === 'line' && block.what === 'blank') flush();
    else if (block.kind === 'paragraph') nearby.push(block);
    isRuled ||= textsOf(block).some(isRulerLike);
  }
  flush();
}

function textsOf(block: Block): string[] {
  if (block.kind !== 'paragraph') return [block.line.text];
  return block.text.split('\n').map((text, index) => `${block.prefixes[index]}${text}`);
}

function isRulerLike(text: string): boolean {
  return RULER_LIKE.test(text) && text.includes('-');
}
