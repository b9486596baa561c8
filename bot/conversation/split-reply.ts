// Splits a reply into parts, also if the platform's own way of splitting fails.

import { withoutMarks } from '../platforms/shared/markdown/breakable.ts';
import { cutLine } from '../platforms/shared/markdown/cut-line.ts';

export interface SplitDeps {
  split(markdown: string): string[];
  onError(error: unknown): void;
}

/** Fits each platform, even if every byte is escaped. */
const PLAIN_PIECE_BYTES = 2_000;

/**
 * Returns plain pieces if `split` throws: it would throw at each later attempt, and the answer would be lost. The same
 * if it leaves nothing, as of a link without text to an address that may not be a link.
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
