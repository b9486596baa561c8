// When what failed is tried again.

/** Pauses before the second attempt and each later one; after the last, a row is dead. Together some 21 minutes: time to mend a setting. */
export const RETRY_DELAYS_MS = [1_000, 5_000, 15_000, 60_000, 300_000, 900_000] as const;

/** The pause after attempt number `attempts`, without jitter. The platform's own word counts when it is later than ours. */
export function retryDelayMs(attempts: number, retryAfterMs = 0): number {
  return Math.max(RETRY_DELAYS_MS[attempts - 1] ?? 0, retryAfterMs);
}

/** `ms` and up to a fifth more, so that what failed together does not come back together; never sooner than it may. */
export function jittered(ms: number, random: () => number = Math.random): number {
  return Math.round(ms * (1 + 0.2 * random()));
}
