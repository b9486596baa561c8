// Limits retries to a share of the calls, so that retries do not double the load on a failing endpoint.

/** Retries that each call adds to the budget. */
export const RETRY_SHARE = 0.2;
/** Maximum number of retries in the budget. */
const MAX_BALANCE = 10;

export interface RetryBudget {
  /** Adds the share of one call to the budget. */
  recordCall(): void;
  /** Returns true if a retry is allowed, and subtracts it from the budget. */
  tryRetry(): boolean;
}

/** Creates a full budget, so that the first failure after a start can be retried. */
export function createRetryBudget(): RetryBudget {
  let balance = MAX_BALANCE;
  return {
    recordCall() {
      balance = Math.min(MAX_BALANCE, balance + RETRY_SHARE);
    },
    tryRetry() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
