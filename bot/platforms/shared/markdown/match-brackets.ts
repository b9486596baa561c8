// Matches brackets as CommonMark does: with the last open bracket, and without links inside links.
import { BRACKET, PARENTHESIS } from './characters.ts';
import { type Piece, pieceOf } from './piece.ts';
import { readTarget } from './targets.ts';

/** Open brackets of a text. */
export interface Brackets {
  stack: Piece[];
  /** Height in `stack`. An opener below it would surround a finished link, so it cannot open a link. */
  floor: number;
}

/** Returns the `close` piece of a link or image for the bracket at `at`, or undefined if the bracket is text. */
export function closeBracket(brackets: Brackets, text: string, at: number): Piece | undefined {
  const { stack } = brackets;
  const opener = stack.pop();
  if (opener === undefined) return undefined;
  const isLink = text.charCodeAt(opener.at) === BRACKET;
  const isDead = isLink && stack.length < brackets.floor;
  brackets.floor = Math.min(brackets.floor, stack.length);
  if (isDead || text.charCodeAt(at + 1) !== PARENTHESIS) return undefined;
  const target = readTarget(text, at + 1);
  if (target === undefined) return undefined;
  if (isLink) brackets.floor = stack.length;
  opener.href = target.href;
  const piece = pieceOf('close', at, target.end);
  piece.href = target.href;
  return piece;
}
