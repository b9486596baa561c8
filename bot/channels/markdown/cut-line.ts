// Cuts one line that is too large for a part: between words or sentences, never inside what a reader sees as one sign.

/** Far more than the longest emoji or flag takes. */
const WINDOW = 64;

/** Characters measured at once: a line is measured about once in all, however many pieces it makes. */
const STEP = 512;

const segmenter = new Intl.Segmenter();

/** Pieces of at most `room` as `measure` counts, which gives every character at least 1; joined they are `line`. */
export function cutLine(line: string, room: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (line.length - start > room || measure(line.slice(start)) > room) {
    const furthest = start + longestStart(line.slice(start, start + room), room, measure);
    const cut = wordEnd(line, start, furthest) ?? signStart(line, start, furthest);
    pieces.push(line.slice(start, cut));
    start = cut;
  }
  return start === line.length ? pieces : [...pieces, line.slice(start)];
}

function longestStart(text: string, room: number, measure: (text: string) => number): number {
  let start = 0;
  let left = room;
  for (; start + STEP < text.length; start += STEP) {
    const size = measure(text.slice(start, start + STEP));
    if (size > left) break;
    left -= size;
  }
  let fits = start === 0 ? 2 : start;
  let tooLong = Math.min(text.length, start + STEP) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (measure(text.slice(start, middle)) <= left) fits = middle;
    else tooLong = middle;
  }
  // Two characters can take more together than in two steps.
  while (fits > 2 && measure(text.slice(0, fits)) > room) fits -= 1;
  return fits;
}

/** Behind the last blank or full stop of the second half. */
function wordEnd(line: string, start: number, end: number): number | undefined {
  for (let index = end; index > start + (end - start) / 2; index -= 1) {
    if (/[\s。！？；]/u.test(line.charAt(index - 1))) return index;
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
