// Computes the age of a row.

/** Returns the seconds from `at` (milliseconds since 1970, as a database returns it) to `now`; 0 if `at` is missing. */
export function ageSeconds(at: unknown, now: number): number {
  const since = Number(at ?? 0);
  return since === 0 ? 0 : Math.max(0, (now - since) / 1000);
}
