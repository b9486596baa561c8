// Matches brackets as CommonMark does: with the last one open; a link holds no other link.
import { BRACKET, PARENTHESIS } from './characters.ts';
import { type Piece, pieceOf } from './piece.ts';
import { readTarget } from './targets.ts';

/** Brackets of a text that are open. */
export interface Brackets {
  stack: Piece[];
  /** Openers of links below this height are inside a link's text, or before it. */
  floor: number;
}

/** Returns the `close` of a link or image that ends with the bracket at `at`; undefined: the bracket is text. */
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
