// Cuts text that is too large for a part: between lines, words or sentences, and never inside a grapheme.
import { ASCII_END, isSpace } from './characters.ts';

/** Characters searched for the start of a grapheme. Much longer than the longest emoji or flag. */
const WINDOW = 64;

/** Characters per measurement. Each line is measured about once in total, independent of the number of pieces. */
const STEP = 512;

/** Number of characters that determine the size of the last of them. */
const CONTEXT = 4;

const FULL_STOPS = new Set([...'。！？；'].map((stop) => stop.charCodeAt(0)));

const segmenter = new Intl.Segmenter();

/**
 * Cuts `text` into pieces of at most `room`, as counted by `measure`. Joined, the pieces are `text`. `measure` must
 * count at least 1 per character, and only adjacent characters may change the size of a character.
 */
export function cutLine(text: string, room: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > room || measure(text.slice(start)) > room) {
    const furthest = start + longestStart(text.slice(start, start + room), room, measure);
    const cut =
      lineEnd(text, start, furthest) ?? wordEnd(text, start, furthest) ?? graphemeStart(text, start, furthest);
    pieces.push(text.slice(start, cut));
    start = cut;
  }
  return start === text.length ? pieces : [...pieces, text.slice(start)];
}

function longestStart(text: string, room: number, measure: (text: string) => number): number {
  let start = 0;
  let left = room;
  /** Extra size at the borders of steps, because two characters can be larger together than apart. */
  let excess = 0;
  for (; start + STEP < text.length; start += STEP) {
    const size = measure(text.slice(start, start + STEP));
    if (size > left) break;
    left -= size;
    excess += excessAt(text, start + STEP, measure);
  }
  let fits = start === 0 ? 2 : start;
  let tooLong = Math.min(text.length, start + STEP) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (measure(text.slice(start, middle)) <= left) fits = middle;
    else tooLong = middle;
  }
  if (fits <= start) excess -= excessAt(text, start, measure);
  let size = room - left + measure(text.slice(start, fits)) + excess;
  while (fits > 2 && size > room) {
    const before = Math.max(0, fits - CONTEXT);
    size -= measure(text.slice(before, fits)) - measure(text.slice(before, fits - 1));
    fits -= 1;
  }
  return fits;
}

/** Returns the size of the two characters at a border, minus the sum of their separate sizes. */
function excessAt(text: string, border: number, measure: (text: string) => number): number {
  const [before, after] = [text.slice(border - 1, border), text.slice(border, border + 1)];
  return measure(before + after) - measure(before) - measure(after);
}

/** Returns the index behind the last line end in the second half. */
function lineEnd(text: string, start: number, end: number): number | undefined {
  const half = Math.ceil(start + (end - start) / 2);
  const found = text.slice(half, end).lastIndexOf('\n');
  return found < 0 ? undefined : half + found + 1;
}

/** Returns the index behind the last blank or full stop in the second half. */
function wordEnd(line: string, start: number, end: number): number | undefined {
  for (let index = end; index > start + (end - start) / 2; index -= 1) {
    const code = line.charCodeAt(index - 1);
    if (isSpace(code) || (code >= ASCII_END && FULL_STOPS.has(code))) return index;
  }
  return undefined;
}

/**
 * Returns the start of the grapheme at `index`. Combining marks can follow each other without limit. If the grapheme is
 * longer than `WINDOW`, the cut is between two code points.
 */
function graphemeStart(line: string, start: number, index: number): number {
  const from = Math.max(start, index - WINDOW);
  const grapheme = segmenter.segment(line.slice(from, index + WINDOW)).containing(index - from);
  const found = from + (grapheme?.index ?? 0);
  if (found > from) return found;
  return /[\udc00-\udfff]/.test(line.charAt(index)) ? index - 1 : index;
}
