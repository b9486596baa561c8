// Pseudo-random test data, the same in every run.

export interface Random {
  /** Returns an integer from 0 to `below - 1`. */
  int(below: number): number;
  bytes(length: number): Buffer<ArrayBuffer>;
  /** Returns letters, Chinese, emoji, quotes, line ends and marks, without lone surrogates. */
  text(length: number): string;
}

const alphabet = ['a', 'Z', '0', ' ', '\n', '"', '\\', '/', 'é', '中', '文', '。', '🚀', '👩‍💻', '\u200f', '\u0000'];

/** Creates a Mulberry32 generator, which is small and sufficient for tests. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const int = (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  return {
    int,
    bytes: (length) => Buffer.from(Array.from({ length }, () => int(256))),
    text: (length) => Array.from({ length }, () => alphabet[int(alphabet.length)]).join(''),
  };
}
