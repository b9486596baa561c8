// Spreads retries, so that what failed together does not come back together.

/** `ms` and up to a fifth more: never sooner than the schedule or the platform says. */
export function jittered(ms: number, random: () => number = Math.random): number {
  return Math.round(ms * (1 + 0.2 * random()));
}
