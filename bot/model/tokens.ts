// Estimates the number of tokens of a text.

/**
 * Counts a quarter of a token for an ASCII character, and about one for a Chinese character. A real tokenizer is exact
 * for one family of models only, and its tables would need a large part of the memory of this process.
 */
export function estimateTokens(text: string): number {
  const beyondAscii = Buffer.byteLength(text) - text.length;
  return Math.ceil(text.length / 4 + (beyondAscii * 3) / 8);
}
