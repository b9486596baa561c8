// Recognises lines of marks only: thematic breaks, underlines of headings, delimiter rows of tables (rulers).
import { BREAK } from './breakable.ts';
import { ASCII_END, DASH, EQUALS, SPACE, STAR, skipBlanks, tableOf, UNDERSCORE } from './characters.ts';

const UNDERLINE = /^(?:=+|-+)[ \t]*$/;
const RULER_LIKE = /^[\s|:>+-]+$/;
/** Delimiter row in a text with any kind of line ends. */
const RULER_LINE = /^[ \t>]*[|:-][ \t>|:-]*$/gm;
const isOfRuler = tableOf(' \t\v\f|:>+-');
/** Maximum spaces before the mark. With more it is code: https://spec.commonmark.org/0.31.2/#thematic-breaks */
const MAX_INDENT = 3;

/** Returns true for three or more equal stars, dashes or underscores, with or without blanks between them. */
export function isRule(text: string): boolean {
  const start = skipSpaces(text);
  const mark = text.charCodeAt(start);
  if (start > MAX_INDENT || (mark !== STAR && mark !== DASH && mark !== UNDERSCORE)) return false;
  let count = 0;
  for (let at = start; at < text.length; at = skipBlanks(text, at + 1)) {
    if (text.charCodeAt(at) !== mark) return false;
    count += 1;
  }
  return count >= 3;
}

/** Returns true for the underline of a heading: `===` or `---`. */
export function isUnderline(text: string): boolean {
  const start = skipSpaces(text);
  const mark = text.charCodeAt(start);
  return start <= MAX_INDENT && (mark === EQUALS || mark === DASH) && UNDERLINE.test(text.slice(start));
}

/** Returns true if a client may parse the line as the delimiter row of a table. */
export function mayBeRuler(text: string): boolean {
  if (!isMaybeOfRuler(text, 0) || !isMaybeOfRuler(text, text.length - 1)) return false;
  return text.includes('-') && RULER_LIKE.test(text);
}

function isMaybeOfRuler(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ASCII_END || isOfRuler[code] === 1;
}

function skipSpaces(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

/** Breaks the delimiter row of each table, so that every client shows lines of text. */
export function withoutRulers(text: string): string {
  if (!text.includes('|')) return text;
  return text.replaceAll(RULER_LINE, `${BREAK}$&`);
}
