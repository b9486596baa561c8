// Ends the process in order: at a signal, or at an error that nothing caught. Only `main` uses it.

import { describeError } from '../telemetry/describe-error.ts';
import { explainSystemError } from '../telemetry/explain-system-error.ts';
import { printableLines } from '../telemetry/printable.ts';
import { createRedactor } from '../telemetry/redact.ts';
import type { Bot } from './create-bot.ts';

export interface SupervisedBot {
  bot: Bot;
  /** Milliseconds that a stop may take. */
  stopLimitMs: number;
  /** Texts that must not appear on stderr. */
  secrets: readonly string[];
}

export interface Supervision {
  /** From now on the bot is stopped before the process ends. */
  adopt(supervised: SupervisedBot): void;
  /** Ends the process because the bot did not start. */
  startFailed(error: unknown): void;
}

/** State may be damaged after a crash, so the stop then gets less time. In milliseconds. */
const CRASH_LIMIT_MS = 5_000;

/** Installs the handlers. Until a bot is adopted there is nothing to stop. */
export function superviseProcess(): Supervision {
  let adopted: SupervisedBot | undefined;
  let redact = createRedactor([]);
  let ending = false;
  let crashed = false;

  /** A closed stderr costs the line only, see `ignoreClosedOutputs`. */
  function writeToStderr(text: string): void {
    process.stderr.write(`${printableLines(redact(text))}\n`);
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (ending) {
      writeToStderr(`Second ${signal}: ending at once.`);
      process.exit(1);
    }
    end(adopted?.stopLimitMs ?? 0);
  }

  /** Node.js turns an unhandled rejection into an uncaught exception, whose `origin` names it. */
  function onCrash(error: unknown, origin: string): void {
    try {
      const { 'error.type': type, 'error.message': message } = describeError(error);
      writeToStderr(`The bot crashed (${origin}): ${`${type}: ${message}`.replaceAll(/\s+/g, ' ')}`);
      // Later errors of a process that is ending are most often consequences of the first.
      if (!crashed) adopted?.bot.noteCrash(error, origin);
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
        // Whatever crashed may still hold the process open.
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
      // The causes are for the log: the message alone is for the operator.
      const message = error instanceof Error ? error.message : String(error);
      writeToStderr(`The bot did not start: ${explainSystemError(error) ?? message}`);
      process.exitCode = 1;
      setTimeout(() => process.exit(1), adopted?.stopLimitMs ?? 0).unref();
    },
  };
}

/** A reader of stdout or stderr that goes away, as `| head` does, must not end the bot: the log files have the lines. */
function ignoreClosedOutputs(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
