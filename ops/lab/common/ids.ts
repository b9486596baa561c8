// Creates random and derived identifiers in the platforms' shapes.
import { createHash, randomBytes } from 'node:crypto';

/** Returns `length` random lower-case hexadecimal characters. */
export function randomId(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}

/** Returns 32 hexadecimal characters derived from the parts. The same parts give the same result. */
export function derivedId(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
