// How many tokens a text has, roughly.

/**
 * A quarter token for ASCII, about one for a Chinese character. A real tokenizer is right for one family of models
 * only, and its tables would take a large part of the memory this process has.
 */
export function estimateTokens(text: string): number {
  const beyondAscii = Buffer.byteLength(text) - text.length;
  return Math.ceil(text.length / 4 + (beyondAscii * 3) / 8);
}
