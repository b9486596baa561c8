// How much new work may be begun at once: as much as leaves the event loop time for the platforms, which wait for their acknowledgement.
import { performance } from 'node:perf_hooks';

/** Share of the time that the event loop may be busy. The rest keeps the wait of a callback short. */
const BUSY_SHARE = 0.6;
/** Shorter spans say little. */
const LOOK_EVERY_MS = 50;
const MORE_PER_LOOK = 2;

/**
 * Returns a function that says how many rows may be begun now, at least 1 and at most `most`: one asks it again and
 * again. It grows slowly while there is time to spare and is halved when there is none, as a network's window is.
 * `busyShare` tells how busy the event loop was since it was asked last, from 0 to 1.
 */
export function createConcurrencyLimiter(
  most: number,
  { busyShare = createBusyShare(), clock = () => performance.now() } = {},
): () => number {
  let allowed = Math.min(most, 16);
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = clock();
      allowed = busyShare() > BUSY_SHARE ? Math.max(1, allowed / 2) : Math.min(most, allowed + MORE_PER_LOOK);
    }
    return Math.floor(allowed);
  };
}

function createBusyShare(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const before = last;
    last = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(last, before).utilization;
  };
}
