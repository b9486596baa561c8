// Time window of signed callbacks: a replay is either too old, or its id is still remembered.

const HOUR_MS = 3_600_000;

/**
 * Retention of the ids of finished messages. Feishu repeats an event that was not acknowledged after 15 s, 5 min, 1 h
 * and 6 h, about 7.1 hours in all (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview);
 * DingTalk was seen to repeat within a minute.
 */
export const FINISHED_RETENTION_MS = 8 * HOUR_MS;

/** Tolerance for a clock of this machine that is behind the platform's. */
const AHEAD_MS = HOUR_MS / 2;

/**
 * Maximum age of a signature. The tolerance is subtracted, because an event stamped half an hour ahead would otherwise
 * stay valid after its id was deleted. What is left is longer than Feishu's redelivery, whose pages do not document a
 * new signature per attempt.
 */
const MAX_AGE_MS = FINISHED_RETENTION_MS - AHEAD_MS;

/** Milliseconds since 1970 of a decimal timestamp; NaN for signs, fractions, exponents, blanks and words. */
export function readTimestamp(text: string, unit: 'seconds' | 'milliseconds'): number {
  return /^\d{1,15}$/.test(text) ? Number(text) * (unit === 'seconds' ? 1000 : 1) : Number.NaN;
}

/** True while a signature of that time is accepted. Both in milliseconds since 1970; NaN is never accepted. */
export function isWithinWindow(time: number, now: number): boolean {
  return now - time <= MAX_AGE_MS && time - now <= AHEAD_MS;
}
