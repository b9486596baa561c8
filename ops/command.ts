// What every subcommand of the operations command line is.

export interface Command {
  /** The word after `ops`. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Shown by `--help` and after a usage error. */
  usage: string;
  /** Runs with the words after the command's name; resolves with the process's exit code. */
  run(argv: string[], context?: CommandContext): Promise<number>;
}

export interface CommandContext {
  /** Takes over the errors that nothing caught. Without a handler they end the process with exit code 2. */
  onUncaught(handler: (error: unknown) => void): void;
}

/** Wrong words on the command line: shown with the command's usage, exit code 2. */
export class UsageError extends Error {}
