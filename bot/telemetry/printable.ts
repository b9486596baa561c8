// Text from outside, made safe for a terminal.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the controls of text direction. A terminal obeys
 * the first, and shows text in another order for the last: https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes
 */
const STEERING = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line: every character that steers a terminal becomes a space. */
export function printable(text: string): string {
  return text.replace(STEERING, ' ');
}

/** Several lines: line breaks and tabs stay. A carriage return before a line break goes. */
export function printableLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, i) => (i % 2 === 1 ? part.replace('\r', '') : printable(part)))
    .join('');
}

/** JSON of one line: the same characters as escapes, so that the value stays the same. */
export function printableJson(json: string): string {
  return json.replace(STEERING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
