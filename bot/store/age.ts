// Ages of rows.

/** Seconds from `at` (milliseconds since 1970, as a database gives it) to `now`; 0 when there is none. */
export function ageSeconds(at: unknown, now: number): number {
  const since = Number(at ?? 0);
  return since === 0 ? 0 : Math.max(0, (now - since) / 1000);
}
