// Durations of a lease, and special values of `available_at`.

/** Milliseconds until a lease expires without renewal. Delays a row after a crash, but not during a long answer. */
export const LEASE_MS = 15_000;
/** Milliseconds between two renewals of a lease. */
export const RENEW_EVERY_MS = 4_000;

/** `available_at` of a row that is due immediately. It is in the past for every clock, also one that was set back. */
export const DUE_NOW = 0;

/** `available_at` of a row that a stop released: its work was started, although no attempt was counted. */
export const RELEASED = 1;
