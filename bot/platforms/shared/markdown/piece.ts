// Pieces of a paragraph's text that are more than text. All have the same members, because that is fastest to read.

export type Kind =
  /** A backslash and the character it makes a letter. */
  | 'escape'
  | 'code'
  /** A run of `*`, `_` or `~`. */
  | 'run'
  /** `[` or `![`. */
  | 'open'
  /** `](address)` of a link or image. */
  | 'close'
  /** A bracket that closes nothing. */
  | 'bracket'
  /** `<address>`. */
  | 'autolink'
  | 'angle';

export interface Piece {
  kind: Kind;
  at: number;
  /** Index behind the piece. */
  end: number;
  /** Characters of a run that are marks of emphasis, the others are text; backticks at each end of code. */
  used: number;
  /** Result of `flanksOf` for a run. */
  flanks: number;
  /** A run began emphasis, or ended one, and CommonMark alone would not see that. */
  needsSpaceBefore: boolean;
  needsSpaceAfter: boolean;
  /** Every client reads the same characters as this code. */
  isSure: boolean;
  /** Address of a link or image, empty if it must be dropped. Undefined at an `open` without `close`: it is text. */
  href: string | undefined;
}

export function pieceOf(kind: Kind, at: number, end: number): Piece {
  return {
    kind,
    at,
    end,
    used: 0,
    flanks: 0,
    needsSpaceBefore: false,
    needsSpaceAfter: false,
    isSure: false,
    href: undefined,
  };
}
