// Splits a reply into parts, also if the platform's own way of splitting fails.
import { cutLine } from '../channels/markdown/cut-line.ts';

export interface SplitDeps {
  split(markdown: string): string[];
  onError(error: unknown): void;
}

/** Fits each platform, even if every byte is escaped. */
const PLAIN_PIECE_BYTES = 2_000;

/** Returns plain pieces if `split` throws: it would throw at each later attempt, and the answer would be lost. */
export function splitReply(markdown: string, { split, onError }: SplitDeps): string[] {
  try {
    return split(markdown);
  } catch (error) {
    onError(error);
    return cutLine(markdown.toWellFormed(), PLAIN_PIECE_BYTES, Buffer.byteLength);
  }
}
