// Matches brackets as CommonMark does: with the last one open; a link holds no other link.
import { BRACKET, PARENTHESIS } from './characters.ts';
import { type Piece, pieceOf } from './piece.ts';
import { readTarget } from './targets.ts';

export interface Brackets {
  /** True inside brackets: some clients read a link around or across code there. */
  areOpen(): boolean;
  open(opener: Piece): void;
  /** Returns the `close` of a link or image that ends with the bracket at `at`; undefined: the bracket is text. */
  close(at: number): Piece | undefined;
}

export function createBrackets(text: string): Brackets {
  const stack: Piece[] = [];
  /** Openers of links below this height are inside a link's text, or before it. */
  let floor = 0;
  return {
    areOpen: () => stack.length > 0,
    open: (opener) => void stack.push(opener),
    close(at) {
      const opener = stack.pop();
      if (opener === undefined) return undefined;
      const isLink = text.charCodeAt(opener.at) === BRACKET;
      const isDead = isLink && stack.length < floor;
      floor = Math.min(floor, stack.length);
      if (isDead || text.charCodeAt(at + 1) !== PARENTHESIS) return undefined;
      const target = readTarget(text, at + 1);
      if (target === undefined) return undefined;
      if (isLink) floor = stack.length;
      opener.href = target.href;
      const piece = pieceOf('close', at, target.end);
      piece.href = target.href;
      return piece;
    },
  };
}
