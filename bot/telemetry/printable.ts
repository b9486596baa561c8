// Makes untrusted text safe to print on a terminal.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and controls of text direction. A terminal executes
 * control characters. Controls of text direction make it show text in another order:
 * https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes
 */
const TERMINAL_CONTROLS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns one line, in which every terminal control is replaced by a space. */
export function printable(text: string): string {
  return text.replace(TERMINAL_CONTROLS, ' ');
}

/**
 * Returns several lines without terminal controls. Line breaks and tabs stay. Removes a carriage return before a line
 * break.
 */
export function printableLines(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, i) => (i % 2 === 1 ? part.replace('\r', '') : printable(part)))
    .join('');
}

/** Returns one line of JSON, in which terminal controls are escaped, so that the value stays the same. */
export function printableJson(json: string): string {
  return json.replace(TERMINAL_CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
