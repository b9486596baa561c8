// Matches runs of `*`, `_` and `~` as CommonMark does: https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
import { STAR, TILDE } from './characters.ts';
import { CLOSES, flanksOf, NEEDS_SPACE_AFTER, NEEDS_SPACE_BEFORE, NO_CHARACTER, OPENS } from './flanking.ts';
import type { Piece } from './piece.ts';

/** Kinds of closing runs: three characters, opening as well or not, length modulo 3. */
const KEYS = 18;

/** To be called with each run of `text` in turn. Linear: runs that were searched in vain are not searched again. */
export function createEmphasis(text: string): (run: Piece) => void {
  /** Runs that may open emphasis. */
  const stack: Piece[] = [];
  /** Runs below this height do not fit, per kind of closing run. */
  const floors = new Array<number>(KEYS).fill(0);
  let highestFloor = 0;

  function lowerFloors(): void {
    if (highestFloor <= stack.length) return;
    highestFloor = stack.length;
    for (let key = 0; key < KEYS; key += 1) if ((floors[key] ?? 0) > highestFloor) floors[key] = highestFloor;
  }

  function close(run: Piece, mark: number): void {
    const key = keyOf(run, mark);
    const length = run.end - run.at;
    while (run.used < length) {
      const height = findOpener(run, mark, floors[key] ?? 0);
      const opener = stack[height - 1];
      if (opener === undefined) {
        floors[key] = stack.length;
        highestFloor = stack.length;
        return;
      }
      const left = opener.end - opener.at - opener.used;
      match(opener, run, Math.min(left, length - run.used));
      const rest = opener.used < opener.end - opener.at ? height : height - 1;
      while (stack.length > rest) stack.pop();
      lowerFloors();
    }
  }

  /** Height of the last run that fits, or 0. */
  function findOpener(run: Piece, mark: number, floor: number): number {
    for (let height = stack.length; height > floor; height -= 1) {
      const opener = stack[height - 1];
      if (opener !== undefined && text.charCodeAt(opener.at) === mark && fits(opener, run, mark)) return height;
    }
    return 0;
  }

  return (run) => {
    const mark = text.charCodeAt(run.at);
    const length = run.end - run.at;
    if (mark === TILDE && length !== 2) return;
    const after = text.codePointAt(run.end) ?? NO_CHARACTER;
    run.flanks = flanksOf(mark, length, { before: codeBefore(text, run.at), after });
    if ((run.flanks & CLOSES) !== 0) close(run, mark);
    run.needsSpaceAfter = run.used > 0 && (run.flanks & NEEDS_SPACE_AFTER) !== 0;
    if ((run.flanks & OPENS) !== 0 && run.used < length) stack.push(run);
  };
}

/** The code point before `index`. */
function codeBefore(text: string, index: number): number {
  if (index === 0) return NO_CHARACTER;
  const last = text.charCodeAt(index - 1);
  return last >= 0xdc00 && last <= 0xdfff ? (text.codePointAt(index - 2) ?? last) : last;
}

/** Number of the kind of a closing run. */
function keyOf({ at, end, flanks }: Piece, mark: number): number {
  const first = mark === STAR ? 0 : mark === TILDE ? 6 : 12;
  return first + ((flanks & OPENS) === 0 ? 0 : 3) + ((end - at) % 3);
}

function match(opener: Piece, closer: Piece, used: number): void {
  opener.used += used;
  opener.needsSpaceBefore = (opener.flanks & NEEDS_SPACE_BEFORE) !== 0;
  closer.used += used;
}

function fits(opener: Piece, run: Piece, mark: number): boolean {
  const first = opener.end - opener.at;
  const second = run.end - run.at;
  if (mark === TILDE) return first === second;
  const isBoth = ((opener.flanks & CLOSES) | (run.flanks & OPENS)) !== 0;
  return !isBoth || (first + second) % 3 !== 0 || (first % 3 === 0 && second % 3 === 0);
}
