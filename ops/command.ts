// Interface of a subcommand of the operations command line, and the error for wrong usage.

export interface Command {
  /** First argument after `ops`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Returns the text that is shown by `--help` and after a usage error. */
  usage(): string;
  /** Runs with the arguments after the command's name. Resolves with the exit code of the process. */
  run(argv: string[], context?: CommandContext): Promise<number>;
}

export interface CommandContext {
  /** Sets the handler of uncaught errors. Without a handler, an uncaught error ends the process with exit code 2. */
  onUncaught(handler: (error: unknown) => void): void;
}

/** Wrong usage of a command. `ops/main.ts` prints its message with the command's usage; the exit code is 2. */
export class UsageError extends Error {}
