// Bounds the work for one answer. Beyond the bounds a text is shown as it was written, its marks broken.
import { LINE_END } from './characters.ts';

/** Texts with fewer marks or lines are read whole, however short they are. */
const LEAST = 2_000;
/** A list with bold and code in each item has about ten characters for each mark, a table with links eight. */
const CHARACTERS_PER_MARK = 5;
/** Code has about thirty characters in a line, a list of numbers one below the other eight. */
const CHARACTERS_PER_LINE = 6;

/** Marks that may still be read of a text; the rest of it is shown as it was written. */
export interface MarkBudget {
  left: number;
}

export function createMarkBudget(markdown: string): MarkBudget {
  return { left: Math.max(LEAST, markdown.length / CHARACTERS_PER_MARK) };
}

/** Returns true if the lines are so many and so short that reading each for its marks would take too long. */
export function hasTooManyLines(markdown: string): boolean {
  let left = Math.max(LEAST, markdown.length / CHARACTERS_PER_LINE);
  for (let at = markdown.indexOf('\n'); at !== -1 && left >= 0; at = markdown.indexOf('\n', at + 1)) left -= 1;
  for (let at = markdown.indexOf('\r'); at !== -1 && left >= 0; at = markdown.indexOf('\r', at + 1)) {
    if (markdown.charCodeAt(at + 1) !== LINE_END) left -= 1;
  }
  return left < 0;
}
