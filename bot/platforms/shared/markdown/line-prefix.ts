// Parses the marks of quotes, lists and headings that begin a line. Each function is linear in these marks.
import {
  CLOSING_PARENTHESIS,
  DASH,
  DOT,
  GREATER,
  HASH,
  NINE,
  PLUS,
  SPACE,
  STAR,
  skipBlanks,
  TAB,
  ZERO,
} from './characters.ts';

/** Maximum digits of an item's number: https://spec.commonmark.org/0.31.2/#ordered-list-marker */
const MAX_DIGITS = 9;
/** Maximum level of a heading: https://spec.commonmark.org/0.31.2/#atx-headings */
const MAX_LEVEL = 6;

/** Returns the length of the marks of quotes, items and a heading, including the blanks around them. */
export function prefixLength(text: string): number {
  let at = skipBlanks(text, 0);
  for (;;) {
    const end = text.charCodeAt(at) === GREATER ? at + 1 : endOfItemMark(text, at);
    if (end === at) return endOfHeadingMark(text, at);
    at = skipBlanks(text, end);
  }
}

/** Returns true if an item begins at the left margin and has a blank behind its mark. */
export function isItem(text: string): boolean {
  const end = endOfItemMark(text, 0);
  return end > 0 && end < text.length;
}

/** Returns true if a line with `prefix` cannot continue the paragraph before it. */
export function beginsBlock(prefix: string): boolean {
  for (let at = 0; at < prefix.length; at += 1) {
    const code = prefix.charCodeAt(at);
    if (code !== SPACE && code !== TAB && code !== GREATER) return true;
  }
  return false;
}

/** Returns the depth of quotes in `prefix`. */
export function quotesIn(prefix: string): number {
  let count = 0;
  for (let at = 0; at < prefix.length; at += 1) if (prefix.charCodeAt(at) === GREATER) count += 1;
  return count;
}

/** Returns the index behind the mark of an item at `at`, or `at` if there is none. */
function endOfItemMark(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let end = at + 1;
  if (isDigit(code)) {
    while (end - at < MAX_DIGITS && isDigit(text.charCodeAt(end))) end += 1;
    const behind = text.charCodeAt(end);
    if (behind !== DOT && behind !== CLOSING_PARENTHESIS) return at;
    end += 1;
  } else if (code !== DASH && code !== STAR && code !== PLUS) return at;
  return isBlankOrEnd(text, end) ? end : at;
}

function endOfHeadingMark(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === HASH) end += 1;
  return end === at || end - at > MAX_LEVEL || !isBlankOrEnd(text, end) ? at : skipBlanks(text, end);
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function isBlankOrEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SPACE || code === TAB || at === text.length;
}
