// Random and derived identifiers in the platforms' shapes.
import { createHash, randomBytes } from 'node:crypto';

/** `length` random lower-case hexadecimal characters. */
export function randomId(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}

/** 32 hexadecimal characters that are always the same for the same words. */
export function derivedId(...words: string[]): string {
  return createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32);
}
