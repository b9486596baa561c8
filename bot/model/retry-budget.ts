// Bounds retries by the calls that were made: an endpoint that is dying is not asked twice as often.

/** Share of the calls that may be repeated, and how many repeats are saved up in quiet times. */
const SHARE = 0.2;
const SAVED = 10;

export interface RetryBudget {
  /** A call was made. */
  earn(): void;
  /** Whether one more retry is allowed; takes it when it is. */
  spend(): boolean;
}

/** Begins full, so that the first fault after a start may be retried. */
export function createRetryBudget(): RetryBudget {
  let saved = SAVED;
  return {
    earn() {
      saved = Math.min(SAVED, saved + SHARE);
    },
    spend() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
