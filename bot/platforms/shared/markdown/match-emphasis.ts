// Matches runs of `*`, `_` and `~` as CommonMark does: https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis
import { STAR, TILDE } from './characters.ts';
import { CLOSES, flanksOf, NEEDS_SPACE_AFTER, NEEDS_SPACE_BEFORE, NO_CHARACTER, OPENS } from './flanking.ts';
import type { Piece } from './piece.ts';

/** Runs of a text that may open emphasis. */
export interface Emphasis {
  text: string;
  stack: Piece[];
  /** Height in `stack` per kind of closing run. No run below it matches, so these runs are not searched again. */
  floors: number[];
  highestFloor: number;
}

/** Matches the next run of the text with runs in `stack`. Linear over all runs. */
export function matchRun(emphasis: Emphasis, run: Piece): void {
  const { text, stack } = emphasis;
  const mark = text.charCodeAt(run.at);
  const length = run.end - run.at;
  if (mark === TILDE && length !== 2) return;
  const after = text.codePointAt(run.end) ?? NO_CHARACTER;
  run.flanks = flanksOf(mark, length, { before: codeBefore(text, run.at), after });
  if ((run.flanks & CLOSES) !== 0 && stack.length > 0) close(emphasis, run, mark);
  run.needsSpaceAfter = run.used > 0 && (run.flanks & NEEDS_SPACE_AFTER) !== 0;
  if ((run.flanks & OPENS) !== 0 && run.used < length) stack.push(run);
}

function close(emphasis: Emphasis, run: Piece, mark: number): void {
  const { stack, floors } = emphasis;
  const key = keyOf(run, mark);
  const length = run.end - run.at;
  while (run.used < length) {
    const height = findOpener(emphasis, run, { mark, floor: floors[key] ?? 0 });
    const opener = stack[height - 1];
    if (opener === undefined) {
      floors[key] = stack.length;
      emphasis.highestFloor = stack.length;
      return;
    }
    const size = opener.end - opener.at;
    match(opener, run, Math.min(size - opener.used, length - run.used));
    const rest = opener.used < size ? height : height - 1;
    while (stack.length > rest) stack.pop();
    lowerFloors(emphasis);
  }
}

/** Returns the height of the last run that matches, or 0. */
function findOpener({ text, stack }: Emphasis, run: Piece, { mark, floor }: { mark: number; floor: number }): number {
  for (let height = stack.length; height > floor; height -= 1) {
    const opener = stack[height - 1];
    if (opener !== undefined && text.charCodeAt(opener.at) === mark && fits(opener, run, mark)) return height;
  }
  return 0;
}

function lowerFloors(emphasis: Emphasis): void {
  const { stack, floors, highestFloor } = emphasis;
  if (highestFloor <= stack.length) return;
  emphasis.highestFloor = stack.length;
  for (let key = 0; key < floors.length; key += 1) floors[key] = Math.min(floors[key] ?? 0, stack.length);
}

/** Returns the number of a closing run's kind: its character, if it also opens, and its length modulo 3. */
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

/** Returns the code point before `index`. */
function codeBefore(text: string, index: number): number {
  if (index === 0) return NO_CHARACTER;
  const last = text.charCodeAt(index - 1);
  return last >= 0xdc00 && last <= 0xdfff ? (text.codePointAt(index - 2) ?? last) : last;
}
