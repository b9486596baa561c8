// Marked pieces of a paragraph's text. All have the same members, because objects of one shape are read fastest.

export type PieceKind =
  /** A backslash and the character that it escapes. */
  | 'escape'
  | 'code'
  /** A run of `*`, `_` or `~`. */
  | 'run'
  /** `[` or `![`. */
  | 'open'
  /** `](address)` of a link or image. */
  | 'close'
  /** A closing bracket that ends no link or image. */
  | 'bracket'
  /** `<address>`. */
  | 'autolink'
  | 'angle';

export interface Piece {
  kind: PieceKind;
  at: number;
  /** Index behind the piece. */
  end: number;
  /**
   * For a run, the number of characters that mark emphasis. The others are text. For code, the backticks at each end.
   */
  used: number;
  /** Result of `flanksOf` for a run. */
  flanks: number;
  /** True for a run that opens or closes emphasis which CommonMark alone would not recognise. */
  needsSpaceBefore: boolean;
  needsSpaceAfter: boolean;
  /** True if all clients parse the same characters as this code. */
  isSure: boolean;
  /**
   * Address of a link or image, empty if it must be dropped. Undefined for an `open` without `close`, which is text.
   */
  href: string | undefined;
}

export function pieceOf(kind: PieceKind, at: number, end: number): Piece {
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
