// Bounds the work for one answer. Beyond the bounds a text is shown as it was written, its marks broken.
import { LINE_END } from './characters.ts';

/** Texts with fewer marks or lines are read whole, however short they are. */
const LEAST_MARKS = 1_000;
const LEAST_LINES = 3_000;
/**
 * A list with bold and code in each item has about nine characters for each mark, a table with a link in each cell
 * eight. Each mark takes about 0.3 µs in all, so that the marks of 100,000 characters take 5 ms at most.
 */
const CHARACTERS_PER_MARK = 7;
/**
 * Code has about thirty characters in a line, a table with three columns of numbers twenty. Each line takes about 1 µs
 * in all, so that the lines of 100,000 characters take 8 ms at most.
 */
const CHARACTERS_PER_LINE = 12;

/**
 * Marks that may still be read of a text; the rest of it is shown as it was written. A text with marks costs one more,
 * an address in brackets two.
 */
export interface MarkBudget {
  left: number;
}

export function createMarkBudget(markdown: string): MarkBudget {
  return { left: Math.max(LEAST_MARKS, markdown.length / CHARACTERS_PER_MARK) };
}

/** Returns true if the lines are so many and so short that reading each for its marks would take too long. */
export function hasTooManyLines(markdown: string): boolean {
  let left = Math.max(LEAST_LINES, markdown.length / CHARACTERS_PER_LINE);
  for (let at = markdown.indexOf('\n'); at !== -1 && left >= 0; at = markdown.indexOf('\n', at + 1)) left -= 1;
  for (let at = markdown.indexOf('\r'); at !== -1 && left >= 0; at = markdown.indexOf('\r', at + 1)) {
    if (markdown.charCodeAt(at + 1) !== LINE_END) left -= 1;
  }
  return left < 0;
}
