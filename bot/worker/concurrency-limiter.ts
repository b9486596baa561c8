// Limits how many rows are started at once by event-loop utilisation, so that callbacks are acknowledged in time.
import { performance } from 'node:perf_hooks';

/** Event-loop utilisation above which the limit is halved, 0 to 1. The idle rest keeps the wait of a callback short. */
export const MAX_UTILIZATION = 0.6;
/** Minimum milliseconds between two adjustments. Over a shorter time the utilisation varies too much. */
const ADJUST_INTERVAL_MS = 50;
const INCREASE = 2;

/**
 * Returns a function that returns how many rows may be started now, from 1 to `max`. Each call may adjust that limit.
 * It grows slowly while the event loop has idle time, and is halved when it has none, like a congestion window of TCP.
 * `utilization` returns the share of time that the event loop was busy since the last call, 0 to 1.
 */
export function createConcurrencyLimiter(
  max: number,
  { utilization = createUtilizationMeter(), clock = () => performance.now() } = {},
): () => number {
  let allowed = Math.min(max, 16);
  let adjustedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock() - adjustedAt >= ADJUST_INTERVAL_MS) {
      adjustedAt = clock();
      allowed = utilization() > MAX_UTILIZATION ? Math.max(1, allowed / 2) : Math.min(max, allowed + INCREASE);
    }
    return Math.floor(allowed);
  };
}

function createUtilizationMeter(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const before = last;
    last = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(last, before).utilization;
  };
}
