// Creates the logger of the bot.
import { resolve } from 'node:path';
import type { LogLevel } from './labels.ts';
import type { LogFields } from './log-fields.ts';
import { createLogThread } from './log-thread.ts';
import { createLogWriter, type LogWriterOptions } from './log-writer.ts';

export { hashId, newTraceId } from './ids.ts';
export type { LogFields } from './log-fields.ts';

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a logger that adds these fields to each of its lines. */
  child(fields: LogFields): Logger;
  /** Resolves when every line is written. Later lines are dropped. */
  close(): Promise<void>;
}

export interface LoggerOptions extends LogWriterOptions {
  /** Compiled program of the log thread, see `log-thread.ts`. If undefined, lines are written in the calling thread. */
  thread?: URL | undefined;
  /** Called once per written line. */
  countLine?: ((level: LogLevel) => void) | undefined;
}

const RANKS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Creates the logger of the process. It never throws. If a line cannot be written, only this line is lost. */
export function createLogger({ thread, countLine, ...given }: LoggerOptions): Logger {
  // The path is made absolute, because Node tries endlessly to create a folder in a deleted working directory.
  const options = given.dir === undefined ? given : { ...given, dir: resolve(given.dir) };
  const writer = thread ? createLogThread(thread, options) : createLogWriter(options);
  let closing: Promise<void> | undefined;

  function write(level: LogLevel, message: string, fields: LogFields): void {
    if (closing !== undefined || RANKS[level] > RANKS[options.level]) return;
    countLine?.(level);
    writer.write({ level, message, fields, at: Date.now() });
  }

  const close = () => {
    closing ??= writer.close();
    return closing;
  };
  const withFields = (own?: LogFields): Logger => {
    const all = (fields: LogFields = {}) => (own === undefined ? fields : { ...own, ...fields });
    return {
      debug: (message, fields) => write('debug', message, all(fields)),
      info: (message, fields) => write('info', message, all(fields)),
      warn: (message, fields) => write('warn', message, all(fields)),
      error: (message, fields) => write('error', message, all(fields)),
      child: (fields) => withFields(all(fields)),
      close,
    };
  };
  return withFields();
}
