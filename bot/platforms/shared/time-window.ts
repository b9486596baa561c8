// Time window of signed callbacks. A replayed callback is either too old, or its id is still stored.

const HOUR_MS = 3_600_000;

/**
 * Retention of the ids of finished messages. Feishu repeats an event that was not acknowledged after 15 s, 5 min, 1 h
 * and 6 h, about 7.1 hours in all (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview,
 * read 2026-11). DingTalk was observed to repeat within a minute.
 */
export const FINISHED_RETENTION_MS = 8 * HOUR_MS;

/** Tolerance for a clock of this machine that is behind the platform's. */
export const AHEAD_MS = HOUR_MS / 2;

/**
 * Maximum age of a signature. The tolerance is subtracted, because an event stamped half an hour ahead would otherwise
 * stay valid after its id was deleted. The remaining age is longer than Feishu's redelivery. Feishu does not document a
 * new signature per attempt.
 */
export const MAX_AGE_MS = FINISHED_RETENTION_MS - AHEAD_MS;

/** Returns the milliseconds since 1970 of a decimal timestamp. Returns NaN for any character that is no digit. */
export function readTimestamp(text: string, unit: 'seconds' | 'milliseconds'): number {
  return /^\d{1,15}$/.test(text) ? Number(text) * (unit === 'seconds' ? 1000 : 1) : Number.NaN;
}

/** Returns true if a signature of that time is accepted. Both in milliseconds since 1970. NaN is never accepted. */
export function isWithinWindow(time: number, now: number): boolean {
  return now - time <= MAX_AGE_MS && time - now <= AHEAD_MS;
}
