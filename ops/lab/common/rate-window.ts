// Sliding-window limits: at most so many calls per key in so much time.
import { BoundedMap } from './bounded-map.ts';

/** Takes one call for `key`; false when the window is full (a refused call does not count). */
export type RateWindow = (key: string) => boolean;

/** Creates a window of `limit` calls per `windowMs`. */
export function createRateWindow(limit: number, windowMs: number, now: () => number): RateWindow {
  const calls = new BoundedMap<string, number[]>(10_000);
  return (key) => {
    const recent = (calls.get(key) ?? []).filter((at) => at > now() - windowMs);
    const free = recent.length < limit;
    if (free) recent.push(now());
    calls.set(key, recent);
    return free;
  };
}
