// Delays sends to stay within the platform's rate limits, per chat and per app, in this process.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rate } from '../domain/delivery.ts';

export interface Pacer {
  /**
   * Resolves when one more message may be sent for `key`, in the order of the calls. If `signal` aborts first, rejects
   * with its reason. The reserved time is then not returned.
   */
  wait(key: string, rate: Rate, signal: AbortSignal): Promise<void>;
}

/** Above this number of keys, keys without a recent send are deleted. */
const MAX_KEYS = 10_000;

/**
 * Creates a pacer with the generic cell rate algorithm: each key stores the time at which its full burst is available
 * again. A burst of `rate.messages` is sent at once, further messages one by one. `clock` is monotonic, in
 * milliseconds. Several processes do not share their counts. If they exceed the limit together, the platform answers
 * with its rate limit code, and the retry schedule applies.
 */
export function createPacer(clock: () => number = () => performance.now()): Pacer {
  const fullAt = new Map<string, number>();

  function deletePast(now: number): void {
    if (fullAt.size < MAX_KEYS) return;
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
  }

  return {
    async wait(key, { messages, perMs }, signal) {
      const now = clock();
      deletePast(now);
      const next = Math.max(fullAt.get(key) ?? 0, now) + perMs / messages;
      fullAt.set(key, next);
      const pause = next - perMs - now;
      if (pause > 0) await sleep(pause, undefined, { signal });
    },
  };
}
