// Keeps the alerts to one group below the limit of its robot, in this process.
import type { Rate } from '../domain/delivery.ts';

/**
 * Gives one more alert its place: the milliseconds to wait for it, or undefined when that is more than `maxWaitMs`,
 * and then the place stays free. Exact, unlike an allowance that refills: DingTalk blocks a robot for 10 minutes
 * after one message too many.
 */
export type SendWindow = (maxWaitMs: number) => number | undefined;

/** All `rates` hold at once. `clock` is monotonic, in milliseconds: places by a clock that is set back would be hours away. */
export function createSendWindow(rates: readonly Rate[], clock: () => number = () => performance.now()): SendWindow {
  const places: number[] = [];
  const kept = Math.max(...rates.map(({ messages }) => messages));
  return (maxWaitMs) => {
    const now = clock();
    const place = Math.max(now, ...rates.map(({ messages, perMs }) => (places.at(-messages) ?? -perMs) + perMs));
    if (place - now > maxWaitMs) return undefined;
    places.push(place);
    if (places.length > kept) places.shift();
    return place - now;
  };
}
