// Parses `.env` line by line, so that each mistake can be reported with its line.
import { withoutFullWidth, withoutInvisible } from './clean-value.ts';

export interface DotenvEntry {
  name: string;
  value: string;
  /** Line of the name, from 1. */
  line: number;
  /** Line in which the value ends. */
  lastLine: number;
}

/** A line that sets no variable. */
export interface DotenvMistake {
  kind: 'no_equals' | 'open_quote' | 'after_quote';
  /** Name as far as it can be parsed; never a part of the value. */
  name: string;
  line: number;
}

export interface Dotenv {
  entries: DotenvEntry[];
  mistakes: DotenvMistake[];
}

/** Matches `NAME=value` and `export NAME=value`. Accepts the full-width `＝` as `=`. */
const ASSIGNMENT = /^(?:export\s+)?([^=＝#]*?)\s*[=＝](.*)$/s;

/**
 * Parses the content of a `.env` file. Quotation marks (`"`, `'`, backticks) keep `#`, spaces and line ends. Between
 * double quotation marks, `\n` is a line end. Outside of quotation marks, ` #` begins a comment. Node's own parser is
 * not used: it reports no lines, joins a line without `=` to the next one, and cuts values at every `#`, see
 * https://nodejs.org/docs/latest-v20.x/api/util.html#utilparseenvcontent (read 2026-11).
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

/** Removes whitespace and invisible characters from both ends, but not from within the text. */
function withoutBlankEnds(text: string): string {
  return text.replace(/^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$/g, '');
}

function plainName(left: string): string {
  return withoutFullWidth(withoutInvisible(left)).trim();
}

/** Returns the part before a colon or a space, because the rest of a malformed line may be a secret. */
function firstWord(left: string): string {
  return /^[^\s:]*/.exec(plainName(left))?.[0] ?? '';
}

type ParsedValue = { text: string; last: number } | { mistake: 'open_quote' | 'after_quote' };

function readValue(right: string, lines: readonly string[], index: number): ParsedValue {
  const start = withoutBlankEnds(right);
  const quote = /^["'`]/.exec(start)?.[0];
  // As in a shell, a `#` directly after the `=` belongs to the value.
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

/** Returns true for a mark of an input method that differs from the opening mark. `cleanValue` then removes both. */
function isClosedOtherwise(start: string): boolean {
  return /[“”‘’＂＇]\s*$/.test(start);
}

function plain(start: string, index: number): ParsedValue {
  return { text: withoutBlankEnds(start), last: index };
}
