// The log: ECS JSON lines to stdout, to app.log, and for callbacks and pushes to callback.log. Secrets end here.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { ecsFields } from '@elastic/ecs-winston-format';
import winston from 'winston';
import { CALLBACK_ACTIONS, type LogFields } from './log-fields.ts';
import type { LogLevel } from './names.ts';
import { type Cleaner, createCleaner, type PlainLine, plainLine } from './plain-line.ts';
import { createRedactor } from './redact.ts';
import { createRotatingFile } from './rotating-file.ts';

export { hashId, newTraceId } from './ids.ts';
export type { LogFields } from './log-fields.ts';

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each of its lines. */
  child(fields: LogFields): Logger;
  /** Resolves when every line is written; the logger is silent afterwards. */
  close(): Promise<void>;
}

export interface LoggerOptions {
  level: LogLevel;
  /** Folder of app.log and callback.log; without it only stdout is written. */
  dir?: string | undefined;
  /** Texts that must never be written, see `secretValues`. */
  secrets: readonly string[];
  service: { name: string; version: string };
  /** Default true. */
  stdout?: boolean | undefined;
  /** Called once per written line. */
  countLine?: ((level: LogLevel) => void) | undefined;
  /** Bytes after which a file is rotated; default 20 MB. */
  maxBytes?: number | undefined;
}

const MAX_BYTES = 20_000_000;
const MAX_FILES = 5;
/** Where winston's transports expect the finished text. */
const MESSAGE = Symbol.for('message');
const LINE = Symbol('line');
const LEVELS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

/**
 * Time, file and id come first: Filebeat tells files apart by their first bytes, and the same line may open both files.
 */
function toJson(line: PlainLine, file: 'app' | 'callback'): string {
  const { '@timestamp': time = '', 'event.id': id = '', ...rest } = line;
  return JSON.stringify({ '@timestamp': time, 'log.logger': file, 'event.id': id, ...rest });
}

const clean = winston.format((info, options) => {
  const { level: _level, ...fields } = info;
  // The cleaner is handed in by createWinston; winston types the options of a format as unknown.
  info[LINE] = plainLine(fields, (options as { cleaner: Cleaner }).cleaner);
  return info;
});

const stringify = winston.format((info, options) => {
  const line = info[LINE] as PlainLine; // set by `clean`, which runs before
  const { file } = options as { file: 'app' | 'callback' }; // set where the format is used
  if (file === 'callback' && !CALLBACK_ACTIONS.includes(line['event.action'])) return false;
  info[MESSAGE] = toJson(line, file);
  return info;
});

const app = stringify({ file: 'app' });
const callback = stringify({ file: 'callback' });

function createWinston(options: LoggerOptions): winston.Logger {
  const { service, level } = options;
  const ecs = ecsFields({
    convertErr: false,
    apmIntegration: false,
    serviceName: service.name,
    serviceVersion: service.version,
    eventDataset: 'chatbot.app',
  });
  const redacted = clean({ cleaner: createCleaner(createRedactor(options.secrets)) });
  const silent = options.stdout === false && options.dir === undefined;
  const logger = winston.createLogger({ level, levels: LEVELS, silent, format: winston.format.combine(ecs, redacted) });
  if (options.stdout !== false) {
    process.stdout.on('error', ignore);
    logger.add(new winston.transports.Stream({ stream: process.stdout, format: app, eol: '\n' }));
  }
  return logger;
}

/** A reader of stdout that goes away (`| head`) must not take the bot with it. */
function ignore(): void {}

/** Longest wait for a slow reader of stdout, in milliseconds: the files have everything already. */
const FLUSH_MS = 1000;

/** Writing to a full pipe is asynchronous; a process that exits at once would lose the rest. */
async function flushStdout(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
    process.stdout.write('', () => resolve());
  });
  clearTimeout(timer);
}

interface FileOptions {
  dir: string;
  maxBytes: number;
  log: Logger;
}

function createFiles({ dir, maxBytes, log }: FileOptions): winston.transport[] {
  return [['app.log', app] as const, ['callback.log', callback] as const].map(([name, format]) => {
    const path = join(dir, name);
    const stream = createRotatingFile({
      path,
      maxBytes,
      maxFiles: MAX_FILES,
      onFailure: (error) =>
        log.warn('log file cannot be written, lines go to stdout only; check LOG_DIR, its owner and free space', {
          'chatbot.log_file': path,
          error,
        }),
      onRecovery: (lostLines) =>
        log.warn('log file can be written again', { 'chatbot.log_file': path, 'chatbot.lost_lines': lostLines }),
    });
    return new winston.transports.Stream({ stream, format, eol: '\n' }).on('finish', () => stream.end());
  });
}

/** The logger of the process. It never throws: a line that cannot be written costs that line only. */
export function createLogger(options: LoggerOptions): Logger {
  const target = createWinston(options);

  function write(level: LogLevel, message: string, fields: LogFields): void {
    if (closing !== undefined || LEVELS[level] > LEVELS[options.level]) return;
    options.countLine?.(level);
    const common = { 'event.id': randomUUID(), level, message };
    try {
      target.log({ ...fields, ...common });
    } catch (error) {
      // A field that cannot even be read, such as a getter that throws.
      target.log({ ...common, 'trace.id': fields['trace.id'], 'event.action': fields['event.action'], error });
    }
  }

  const withFields = (own: LogFields): Logger => ({
    debug: (message, fields) => write('debug', message, { ...own, ...fields }),
    info: (message, fields) => write('info', message, { ...own, ...fields }),
    warn: (message, fields) => write('warn', message, { ...own, ...fields }),
    error: (message, fields) => write('error', message, { ...own, ...fields }),
    child: (fields) => withFields({ ...own, ...fields }),
    close,
  });

  let closing: Promise<unknown> | undefined;
  async function close(): Promise<void> {
    closing ??= Promise.all(target.transports.map((transport) => once(transport, 'finish')));
    target.end();
    await closing;
    if (options.stdout !== false) await flushStdout();
    process.stdout.off('error', ignore);
  }

  const logger = withFields({});
  if (options.dir !== undefined) {
    const files = createFiles({ dir: options.dir, maxBytes: options.maxBytes ?? MAX_BYTES, log: logger });
    for (const file of files) target.add(file);
  }
  return logger;
}
