// Limits the work for one answer. Beyond the limits a text is shown as written, with its marks broken.
import { LINE_END } from './characters.ts';

/** Numbers of marks and lines that are parsed in any text, even a short one. */
const LEAST_MARKS = 1_000;
const LEAST_LINES = 3_000;
/**
 * Minimum characters per mark. A list with bold and code in each item has about nine characters per mark, a table with
 * a link in each cell eight. Each mark costs about 0.3 µs, so the marks of 100,000 characters cost at most 5 ms.
 */
const CHARACTERS_PER_MARK = 7;
/**
 * Minimum characters per line. Code has about thirty characters in a line, a table with three columns of numbers
 * twenty. Each line costs about 1 µs, so the lines of 100,000 characters cost at most 8 ms.
 */
const CHARACTERS_PER_LINE = 12;

/**
 * Number of marks that may still be parsed. If it is used up, the rest of the text is shown as written. Each text with
 * marks costs one extra, each address in brackets two.
 */
export interface MarkBudget {
  left: number;
}

export function createMarkBudget(markdown: string): MarkBudget {
  return { left: Math.max(LEAST_MARKS, markdown.length / CHARACTERS_PER_MARK) };
}

/** Returns true if the text has so many short lines that parsing the marks of each line would cost too much time. */
export function hasTooManyLines(markdown: string): boolean {
  let left = Math.max(LEAST_LINES, markdown.length / CHARACTERS_PER_LINE);
  for (let at = markdown.indexOf('\n'); at !== -1 && left >= 0; at = markdown.indexOf('\n', at + 1)) left -= 1;
  for (let at = markdown.indexOf('\r'); at !== -1 && left >= 0; at = markdown.indexOf('\r', at + 1)) {
    if (markdown.charCodeAt(at + 1) !== LINE_END) left -= 1;
  }
  return left < 0;
}
