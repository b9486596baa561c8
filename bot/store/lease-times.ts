// Times of a lease.

/** How long a row is held without a sign of life, and how often the holder gives one. A crash costs this time, a long answer costs nothing. */
export const LEASE_MS = 15_000;
export const RENEW_EVERY_MS = 4_000;

/** `available_at` of a row that waits for nothing: a clock that is set back cannot make it wait. */
export const DUE_NOW = 0;

/** The same for a row that a stop gave back: work on it was begun, although no attempt was counted. */
export const RELEASED = 1;
