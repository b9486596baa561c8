// Spaces out what is sent, so that the platform has no reason to refuse it: per chat and per app, in this process.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rate } from '../domain/delivery.ts';

export interface Pacer {
  /**
   * Resolves when one more may be sent under `key`, in order of asking. Rejects with the reason of `signal` when it
   * aborts first; the place in the queue is then lost, not given back.
   */
  wait(key: string, rate: Rate, signal: AbortSignal): Promise<void>;
}

/** Keys that nobody asked for lately are forgotten when there are more than this. */
const MAX_KEYS = 10_000;

/**
 * The generic cell rate algorithm: each key remembers when its allowance will be whole again. As many as the rate
 * says may go at once, later ones one by one. `clock` is monotonic, in milliseconds. Several processes pace on their
 * own: what they exceed together, the platform refuses with its rate limit code and the schedule of retries takes up.
 */
export function createPacer(clock: () => number = () => performance.now()): Pacer {
  const fullAt = new Map<string, number>();

  function forgetPast(now: number): void {
    if (fullAt.size < MAX_KEYS) return;
    for (const [key, at] of fullAt) if (at <= now) fullAt.delete(key);
  }

  return {
    async wait(key, { messages, perMs }, signal) {
      const now = clock();
      forgetPast(now);
      const next = Math.max(fullAt.get(key) ?? 0, now) + perMs / messages;
      fullAt.set(key, next);
      const pause = next - perMs - now;
      if (pause > 0) await sleep(pause, undefined, { signal });
    },
  };
}
