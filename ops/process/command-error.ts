// Expected failure of a command, with a message that names the fix.

/** Printed without a stack. The command ends with exit code 1. */
export class CommandError extends Error {}
