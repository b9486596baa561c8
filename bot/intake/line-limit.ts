// Bounds the log lines about rejected callbacks, which anybody can cause; the counters have all of them.

/** Rejections in a row that each have a line of their own. */
const BURST = 200;
/** Lines a second afterwards. */
const PER_SECOND = 10;

/** `line`: write it. `last`: write it, and that the next ones are left out. `none`: leave it out. */
export type LineAllowance = 'line' | 'last' | 'none';

/** `now` in milliseconds, of any clock that only goes forward. */
export function createLineLimit(now: () => number = () => performance.now()): () => LineAllowance {
  let [left, at] = [BURST, now()];
  /** Until half of the allowance is back. */
  let isLeavingOut = false;
  return () => {
    const time = now();
    left = Math.min(BURST, left + ((time - at) / 1000) * PER_SECOND);
    at = time;
    if (left < 1) return 'none';
    left -= 1;
    if (left > BURST / 2) isLeavingOut = false;
    if (left >= 1 || isLeavingOut) return 'line';
    isLeavingOut = true;
    return 'last';
  };
}
