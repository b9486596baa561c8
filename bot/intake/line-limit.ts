// Limits the log lines about unverified callbacks, because any client can cause them. The metrics count every callback.

/** Maximum number of lines in a burst. */
export const LINE_BURST = 200;
/** Lines per second that are regained, up to a full burst. */
export const LINES_PER_SECOND = 10;

/** `line`: write the line. `last`: write it, and warn that the next ones are suppressed. `none`: suppress it. */
export type LineAllowance = 'line' | 'last' | 'none';

/** Returns a limiter. `now` returns milliseconds of a monotonic clock. */
export function createLineLimit(now: () => number = () => performance.now()): () => LineAllowance {
  let [remaining, at] = [LINE_BURST, now()];
  /** True from the last line of a burst until half of the allowance has been regained. */
  let isSuppressing = false;
  return () => {
    const time = now();
    remaining = Math.min(LINE_BURST, remaining + ((time - at) / 1000) * LINES_PER_SECOND);
    at = time;
    if (remaining < 1) return 'none';
    remaining -= 1;
    if (remaining > LINE_BURST / 2) isSuppressing = false;
    if (remaining >= 1 || isSuppressing) return 'line';
    isSuppressing = true;
    return 'last';
  };
}
