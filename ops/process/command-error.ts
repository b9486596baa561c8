// An expected failure, told in words that name the fix.

/** Shown as it is, without a stack; the command ends with exit code 1. */
export class CommandError extends Error {}
