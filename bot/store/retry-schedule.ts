// Pauses between the attempts at a failed row.

/**
 * Pauses in milliseconds before the second attempt and each later one. A row that fails after the last pause becomes a
 * dead letter. Together the pauses last about 21 minutes, which is time to fix a setting.
 */
export const RETRY_DELAYS_MS = [1_000, 5_000, 15_000, 60_000, 300_000, 900_000] as const;

/** Attempts at a row before it becomes a dead letter. */
export const MAX_ATTEMPTS = RETRY_DELAYS_MS.length + 1;

/** Returns true if a failure of attempt number `attempts` makes the row a dead letter. */
export function isLastAttempt(attempts: number): boolean {
  return attempts >= MAX_ATTEMPTS;
}

/**
 * Returns the pause in milliseconds after attempt number `attempts`, without jitter. If the platform requests a longer
 * pause (`retryAfterMs`), returns that.
 */
export function retryDelayMs(attempts: number, retryAfterMs = 0): number {
  return Math.max(RETRY_DELAYS_MS[attempts - 1] ?? 0, retryAfterMs);
}

/** Adds up to a fifth to `ms`, so that rows that failed together are not retried together. Never shortens the pause. */
export function jittered(ms: number, random: () => number = Math.random): number {
  return Math.round(ms * (1 + 0.2 * random()));
}
