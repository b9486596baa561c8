// Cuts one line that is too large for a part: between words or sentences, never inside what a reader sees as one sign.

/** Far more than the longest emoji or flag takes. */
const WINDOW = 64;

/** Pieces of at most `room` as `measure` counts, which gives every character at least 1; joined they are `line`. */
export function cutLine(line: string, room: number, measure: (text: string) => number): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > room || measure(rest) > room) {
    const furthest = longestStart(rest, room, measure);
    const cut = wordEnd(rest.slice(0, furthest)) ?? signStart(rest, furthest);
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return rest === '' ? pieces : [...pieces, rest];
}

function longestStart(text: string, room: number, measure: (text: string) => number): number {
  let fits = 2;
  let tooLong = Math.min(text.length, room) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (measure(text.slice(0, middle)) <= room) fits = middle;
    else tooLong = middle;
  }
  return fits;
}

/** Behind the last blank or full stop of the second half. */
function wordEnd(text: string): number | undefined {
  const half = Math.floor(text.length / 2);
  const found = /[\s。！？；](?=[^\s。！？；]*$)/u.exec(text.slice(half));
  return found ? half + found.index + 1 : undefined;
}

/** Where the sign at `index` begins; marks can pile up without end, then between two characters. */
function signStart(text: string, index: number): number {
  const from = Math.max(0, index - WINDOW);
  const sign = new Intl.Segmenter().segment(text.slice(from, index + WINDOW)).containing(index - from);
  const start = from + (sign?.index ?? 0);
  if (start > from) return start;
  return /[\udc00-\udfff]/.test(text.charAt(index)) ? index - 1 : index;
}
