// Comparison of secrets and signatures in a time that does not tell how much of them was right.
import { timingSafeEqual } from 'node:crypto';

/** Texts of another length are told at once: how long a signature or a token is, is no secret. */
export function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
}
