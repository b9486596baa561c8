// Comparison of secrets and signatures in a time that does not tell how much of them was right.
import { createHash, timingSafeEqual } from 'node:crypto';

/** Equal length is not required: both sides are hashed first, so the time says nothing of either. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value, 'utf8').digest();
}
