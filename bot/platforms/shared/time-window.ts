// Time window of signed callbacks. A replayed callback is either too old, or its id is still stored.
import { FINISHED_RETENTION_MS } from '../../domain/callback.ts';

/** Tolerance for a clock of this machine that is behind the platform's. */
export const AHEAD_MS = 30 * 60_000;

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
