// Sliding-window rate limits: a maximum number of calls per key and time.
import { BoundedMap } from './bounded-map.ts';

/** Counts one call for `key`. Returns false if the window is full; a rejected call does not count. */
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
