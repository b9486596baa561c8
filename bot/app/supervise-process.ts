// Shuts the process down in order after a signal or an uncaught error. Used only by `main`.

import { describeError } from '../telemetry/describe-error.ts';
import { explainSystemError } from '../telemetry/explain-system-error.ts';
import { printableLines } from '../telemetry/printable.ts';
import { createRedactor } from '../telemetry/redact.ts';
import type { Bot } from './create-bot.ts';

export interface SupervisedBot {
  bot: Bot;
  /** Time limit of a stop in milliseconds. */
  stopLimitMs: number;
  /** Texts that are redacted on stderr. */
  secrets: readonly string[];
}

export interface Supervision {
  /** Registers the bot. From then on, it is stopped before the process ends. */
  adopt(supervised: SupervisedBot): void;
  /** Ends the process because the bot did not start. */
  startFailed(error: unknown): void;
}

/**
 * Time limit of a stop after a crash, in milliseconds. Shorter than a normal stop, because the state may be damaged.
 */
export const CRASH_LIMIT_MS = 5_000;

/** Installs the handlers of signals and uncaught errors. Before `adopt`, they end the process immediately. */
export function superviseProcess(): Supervision {
  let adopted: SupervisedBot | undefined;
  let redact = createRedactor([]);
  let ending = false;
  let crashed = false;

  /** Writes a line to stderr. If stderr is closed, only the line is lost, see `ignoreClosedOutputs`. */
  function writeToStderr(text: string): void {
    process.stderr.write(`${printableLines(redact(text))}\n`);
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (ending) {
      writeToStderr(`Second ${signal}: exiting immediately.`);
      process.exit(1);
    }
    end(adopted?.stopLimitMs ?? 0);
  }

  /** Handles an uncaught error. Node.js reports an unhandled rejection as such too, and `origin` then names it. */
  function onCrash(error: unknown, origin: string): void {
    try {
      const { 'error.type': type, 'error.message': message } = describeError(error);
      writeToStderr(`The bot crashed (${origin}): ${`${type}: ${message}`.replaceAll(/\s+/g, ' ')}`);
      // Log only the first error, because later ones are usually its consequences.
      if (!crashed) adopted?.bot.logCrash(error, origin);
      crashed = true;
      process.exitCode = 1;
      if (!ending) end(Math.min(adopted?.stopLimitMs ?? 0, CRASH_LIMIT_MS));
    } catch {
      process.exit(1);
    }
  }

  function end(limitMs: number): void {
    ending = true;
    if (adopted === undefined) process.exit(crashed ? 1 : 0);
    const deadline = setTimeout(() => {
      writeToStderr(`The stop took longer than ${limitMs} ms (SHUTDOWN_TIMEOUT_MS); giving up.`);
      process.exit(1);
    }, limitMs);
    deadline.unref();
    adopted.bot.stop().then(
      () => {
        // Exit explicitly, because handles left open by the crash may keep the process alive.
        if (crashed) process.exit(1);
        process.exitCode ??= 0;
      },
      (error: unknown) => {
        writeToStderr(`The stop failed: ${describeError(error)['error.message']}`);
        process.exit(1);
      },
    );
  }

  ignoreClosedOutputs();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  process.on('uncaughtException', onCrash);
  return {
    adopt(supervised) {
      adopted = supervised;
      redact = createRedactor(supervised.secrets);
    },
    startFailed(error) {
      if (ending) return;
      // Print only the message for the operator. The log has the causes.
      const message = error instanceof Error ? error.message : String(error);
      writeToStderr(`The bot did not start: ${explainSystemError(error) ?? message}`);
      process.exitCode = 1;
      setTimeout(() => process.exit(1), adopted?.stopLimitMs ?? 0).unref();
    },
  };
}

/**
 * Ignores errors of stdout and stderr, so that a reader that exits, such as `| head`, does not end the bot. The log
 * files still get every line.
 */
function ignoreClosedOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
