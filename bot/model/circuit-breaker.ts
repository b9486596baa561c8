// Stops asking an endpoint that fails, and tries it with one call after a pause.
import type { ModelError } from './model.ts';

/** Consecutive failures that open the circuit, and the milliseconds until it is tried again. */
const FAILURES = 5;
const OPEN_MS = 15_000;

export interface CircuitBreaker {
  /** Undefined when the call may be made, which then must be settled; otherwise why the endpoint is not asked. */
  refuses(): ModelError | undefined;
  /** The endpoint answered. */
  answered(): void;
  failed(error: ModelError): void;
  /** The caller gave up: the call says nothing of the endpoint. */
  abandoned(): void;
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
    refuses() {
      if (!open) return undefined;
      if (probing || clock() < open.until) return open.error;
      probing = true;
      return undefined;
    },
    answered() {
      failures = 0;
      probing = false;
      if (open) onChange(false);
      open = undefined;
    },
    failed(error) {
      failures += 1;
      probing = false;
      if (failures < FAILURES) return;
      if (!open) onChange(true);
      open = { error, until: clock() + OPEN_MS };
    },
    abandoned() {
      probing = false;
    },
  };
}
