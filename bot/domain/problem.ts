// Describes a problem of the settings, with its fix.

export interface Problem {
  /** Setting or key at fault. */
  name: string;
  /** Fault and its consequence. */
  problem: string;
  /** Steps for the operator. */
  fix: string;
  /** Path of a file that this user may not read, if that is the problem. */
  unreadable?: string;
}

/** Returns the texts of the problem that `have` requires the missing `want`. `loss` is the consequence. */
export function textsOfMissing(have: string, want: string, loss: string): Omit<Problem, 'name'> {
  return { problem: `${have} is set but ${want} is not: ${loss}.`, fix: `Set ${want}, or remove ${have}.` };
}
