// Compares secrets and signatures in constant time.
import { timingSafeEqual } from 'node:crypto';

/** Returns true if both texts are equal. Different lengths return at once, because the length of a secret is public. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
}
