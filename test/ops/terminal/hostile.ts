// Hostile text for tests, and the characters that must never reach a terminal.

/**
 * Clears the screen, sets the title, rings the bell, hides text by C1 and DEL, reverses the text direction, breaks the
 * line.
 */
export const HOSTILE = [
  'x\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m\u007f\u0008',
  '\u202egnp.exe\u202c\u2066a\u2069\u200f\u061c',
  '\u2028y\r\nFAKE LINE z',
].join('');

/** The same text for fields of one line. */
export const HOSTILE_LINE = HOSTILE.replace(/\r?\n/g, ' ');

/** Control characters except line feed and tab, and characters that change the text direction. */
const STEERING = /(?![\n\t])[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns the code points of the characters in `text` that control a terminal. */
export function steering(text: string): string[] {
  return [...new Set([...text.matchAll(STEERING)].map(([char]) => `U+${char.charCodeAt(0).toString(16)}`))];
}
