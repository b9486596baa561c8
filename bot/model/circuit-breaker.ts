// Stops calls to an endpoint that keeps failing, and probes it with one call after a pause.
import type { ModelError } from './model.ts';

/** Consecutive failures that open the circuit. */
export const FAILURES_TO_OPEN = 5;
/** Milliseconds from the last failure until a probe is allowed. */
export const CIRCUIT_OPEN_MS = 15_000;

export interface CircuitBreaker {
  /**
   * Returns undefined if the call is allowed, otherwise the error that opened the circuit. Each allowed call must end
   * with one of the `record…` functions, because a probe blocks other calls until then.
   */
  rejection(): ModelError | undefined;
  /** Records that the endpoint responded. Closes the circuit. */
  recordResponse(): void;
  /** Records a failure of the endpoint. Opens the circuit after `FAILURES_TO_OPEN` in a row. */
  recordFailure(error: ModelError): void;
  /** Records that the caller gave up. Such a call proves neither a failure nor a recovery. */
  recordCancellation(): void;
}

export interface CircuitBreakerOptions {
  /** Milliseconds. */
  clock: () => number;
  onChange: (open: boolean) => void;
}

export function createCircuitBreaker({ clock, onChange }: CircuitBreakerOptions): CircuitBreaker {
  let failures = 0;
  let open: { error: ModelError; until: number } | undefined;
  let probing = false;
  return {
    rejection() {
      if (!open) return undefined;
      if (probing || clock() < open.until) return open.error;
      probing = true;
      return undefined;
    },
    recordResponse() {
      failures = 0;
      probing = false;
      if (open) onChange(false);
      open = undefined;
    },
    recordFailure(error) {
      failures += 1;
      probing = false;
      if (failures < FAILURES_TO_OPEN) return;
      if (!open) onChange(true);
      open = { error, until: clock() + CIRCUIT_OPEN_MS };
    },
    recordCancellation() {
      probing = false;
    },
  };
}
