// Splits a reply into parts. If the platform's splitter fails, falls back to plain text.

import { withoutMarks } from '../platforms/shared/markdown/breakable.ts';
import { cutLine } from '../platforms/shared/markdown/cut-line.ts';

export interface SplitDeps {
  split(markdown: string): string[];
  onError(error: unknown): void;
}

/** Maximum bytes of a plain piece. Fits each platform, even if every byte is escaped. */
const PLAIN_PIECE_BYTES = 2_000;

/**
 * Splits a reply with `split`. If `split` throws, returns plain pieces, because it would throw at each retry and the
 * answer would be lost. If `split` returns no part, also returns plain pieces. An example is a link without text whose
 * address is not allowed as a link.
 */
export function splitReply(markdown: string, { split, onError }: SplitDeps): string[] {
  try {
    const parts = split(markdown);
    if (parts.length > 0) return parts;
  } catch (error) {
    onError(error);
    return plainPieces(markdown);
  }
  return plainPieces(withoutMarks(markdown));
}

function plainPieces(text: string): string[] {
  return cutLine(text.toWellFormed(), PLAIN_PIECE_BYTES, Buffer.byteLength);
}
