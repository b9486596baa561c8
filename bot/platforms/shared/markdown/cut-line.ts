// Cuts text that is too large for a part: between lines, words or sentences, never inside what a reader sees as one sign.
import { ASCII_END, isSpace } from './characters.ts';

/** Far more than the longest emoji or flag takes. */
const WINDOW = 64;

/** Characters measured at once: a line is measured about once in all, however many pieces it makes. */
const STEP = 512;

/** Characters that can change what the one behind them takes, itself included. */
const CONTEXT = 4;

const FULL_STOPS = new Set([...'。！？；'].map((stop) => stop.charCodeAt(0)));

const segmenter = new Intl.Segmenter();

/**
 * Pieces of at most `room` as `measure` counts, which gives every character at least 1; joined they are `text`. Only
 * the characters beside it may change what a character takes.
 */
export function cutLine(text: string, room: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > room || measure(text.slice(start)) > room) {
    const furthest = start + longestStart(text.slice(start, start + room), room, measure);
    const cut = lineEnd(text, start, furthest) ?? wordEnd(text, start, furthest) ?? signStart(text, start, furthest);
    pieces.push(text.slice(start, cut));
    start = cut;
  }
  return start === text.length ? pieces : [...pieces, text.slice(start)];
}

function longestStart(text: string, room: number, measure: (text: string) => number): number {
  let start = 0;
  let left = room;
  /** Two characters can take more together than in two steps. */
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

/** Size of the two characters at a border, beyond that of each alone. */
function excessAt(text: string, border: number, measure: (text: string) => number): number {
  const [before, after] = [text.slice(border - 1, border), text.slice(border, border + 1)];
  return measure(before + after) - measure(before) - measure(after);
}

/** Behind the last line end of the second half. */
function lineEnd(text: string, start: number, end: number): number | undefined {
  const half = Math.ceil(start + (end - start) / 2);
  const found = text.slice(half, end).lastIndexOf('\n');
  return found < 0 ? undefined : half + found + 1;
}

/** Behind the last blank or full stop of the second half. */
function wordEnd(line: string, start: number, end: number): number | undefined {
  for (let index = end; index > start + (end - start) / 2; index -= 1) {
    const code = line.charCodeAt(index - 1);
    if (isSpace(code) || (code >= ASCII_END && FULL_STOPS.has(code))) return index;
  }
  return undefined;
}

/** Where the sign at `index` begins; marks can pile up without end, then between two characters. */
function signStart(line: string, start: number, index: number): number {
  const from = Math.max(start, index - WINDOW);
  const sign = segmenter.segment(line.slice(from, index + WINDOW)).containing(index - from);
  const found = from + (sign?.index ?? 0);
  if (found > from) return found;
  return /[\udc00-\udfff]/.test(line.charAt(index)) ? index - 1 : index;
}
