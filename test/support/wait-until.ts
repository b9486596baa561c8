// Polls until a condition is met, within a time limit.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from './patience.ts';

/**
 * Resolves with the first value of `probe` that is not undefined or false. Rejects after `timeoutMs`; the error names
 * `condition`.
 */
export async function waitUntil<T>(
  condition: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${condition}`);
    await sleep(20);
  }
}
