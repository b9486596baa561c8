// Parses `.env` line by line, so that every mistake can be reported with its line.
import { withoutFullWidth, withoutInvisible } from './clean-value.ts';

export interface DotenvEntry {
  name: string;
  value: string;
  /** Line of the name, from 1. */
  line: number;
  /** Line in which the value ends. */
  lastLine: number;
}

/** A line that sets nothing. */
export interface DotenvMistake {
  kind: 'no_equals' | 'open_quote' | 'after_quote';
  /** The name as far as it can be read; never a part of the value. */
  name: string;
  line: number;
}

export interface Dotenv {
  entries: DotenvEntry[];
  mistakes: DotenvMistake[];
}

/** `NAME=value` or `export NAME=value`; the full-width `＝` counts as `=`. */
const ASSIGNMENT = /^(?:export\s+)?([^=＝#]*?)\s*[=＝](.*)$/s;

/**
 * Quotation marks (`"`, `'`, backticks) keep `#`, spaces and line ends; `\n` between double ones is a line end. Outside
 * of them ` #` begins a comment. Node's own parser reports no lines, joins a line without `=` to the next one, and cuts
 * values at every `#`: https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseenvcontent
 */
export function parseDotenv(text: string): Dotenv {
  const lines = text.split('\n');
  const found: Dotenv = { entries: [], mistakes: [] };
  for (let index = 0; index < lines.length; index += 1) {
    const content = withoutBlankEnds(lines[index] ?? '');
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const [, left, right] = ASSIGNMENT.exec(content) ?? [];
    const name = firstWord(left ?? content);
    if (left === undefined || right === undefined || name !== plainName(left)) {
      found.mistakes.push({ kind: 'no_equals', name, line });
      continue;
    }
    const value = readValue(right, lines, index);
    if ('mistake' in value) found.mistakes.push({ kind: value.mistake, name, line });
    else {
      found.entries.push({ name, value: value.text, line, lastLine: value.last + 1 });
      index = value.last;
    }
  }
  return found;
}

/** Blanks and invisible characters, on both ends: a visible value keeps those inside. */
function withoutBlankEnds(text: string): string {
  return text.replace(/^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g, '');
}

function plainName(left: string): string {
  return withoutFullWidth(withoutInvisible(left)).trim();
}

/** The part before a colon or a space: the rest of a malformed line may be a secret. */
function firstWord(left: string): string {
  return /^[^\s:]*/.exec(plainName(left))?.[0] ?? '';
}

type Value = { text: string; last: number } | { mistake: 'open_quote' | 'after_quote' };

function readValue(right: string, lines: readonly string[], index: number): Value {
  const start = withoutBlankEnds(right);
  const quote = /^["'`]/.exec(start)?.[0];
  // A `#` directly behind the `=` belongs to the value, as in a shell.
  if (quote === undefined) return plain(right.replace(/\s#.*$/, ''), index);
  let text = start.slice(1);
  let last = index;
  while (!text.includes(quote)) {
    last += 1;
    const next = lines[last];
    if (next === undefined) return isClosedOtherwise(start) ? plain(start, index) : { mistake: 'open_quote' };
    text += `\n${next}`;
  }
  const end = text.indexOf(quote);
  if (!/^\s*(#.*)?$/.test(text.slice(end + 1).split('\n')[0] ?? '')) return { mistake: 'after_quote' };
  const inner = text.slice(0, end);
  return { text: quote === '"' ? inner.replaceAll('\\n', '\n') : inner, last };
}

/** An input method may close with another mark than it opened with: the value's cleaning takes both off. */
function isClosedOtherwise(start: string): boolean {
  return /[“”‘’＂＇]\s*$/.test(start);
}

function plain(start: string, index: number): Value {
  return { text: withoutBlankEnds(start), last: index };
}
