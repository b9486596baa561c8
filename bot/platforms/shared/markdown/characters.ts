// Character codes for the scanners. Comparing codes is several times as fast as regular expressions.

export const TAB = 0x09;
export const LINE_END = 0x0a;
export const RETURN = 0x0d;
export const SPACE = 0x20;
export const EXCLAMATION = 0x21;
export const HASH = 0x23;
export const PARENTHESIS = 0x28;
export const CLOSING_PARENTHESIS = 0x29;
export const STAR = 0x2a;
export const PLUS = 0x2b;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const LESS = 0x3c;
export const EQUALS = 0x3d;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
export const UNDERSCORE = 0x5f;
export const BACKTICK = 0x60;
export const LETTER_H = 0x68;
export const LETTER_T = 0x74;
export const BAR = 0x7c;
export const TILDE = 0x7e;

/** First code beyond ASCII. */
export const ASCII_END = 0x80;

/** Non-ASCII characters of `\s`, besides U+2000 to U+200A. */
const WIDE_SPACES = new Set(
  [...'\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'].map((space) => space.charCodeAt(0)),
);

/** Returns a table with 1 at the codes of `characters`, which must be ASCII. */
export function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(ASCII_END);
  for (let index = 0; index < characters.length; index += 1) table[characters.charCodeAt(index)] = 1;
  return table;
}

/** Returns true for the characters of `\s`. */
export function isSpace(code: number): boolean {
  if (code < ASCII_END) return code === SPACE || (code >= TAB && code <= RETURN);
  return (code >= 0x2000 && code <= 0x200a) || WIDE_SPACES.has(code);
}

/** Returns true if `text` is empty or has only spaces. */
export function isOnlySpace(text: string): boolean {
  return text === '' || (!(text.charCodeAt(0) > SPACE && text.charCodeAt(0) < ASCII_END) && text.trim() === '');
}

/** Returns the index of the first character at or behind `at` that is neither a space nor a tab. */
export function skipBlanks(text: string, at: number): number {
  let index = at;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== SPACE && code !== TAB) return index;
    index += 1;
  }
}

/** Returns the index behind the run of equal characters that begins at `at`. */
export function endOfRun(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let end = at + 1;
  while (text.charCodeAt(end) === code) end += 1;
  return end;
}
