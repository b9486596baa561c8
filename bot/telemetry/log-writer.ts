// Writes the log: ECS JSON lines to stdout, to app.log, and for callbacks and pushes to callback.log. Secrets end here.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { ecsFields } from '@elastic/ecs-winston-format';
import winston from 'winston';
import { CALLBACK_ACTIONS, type LogFields } from './log-fields.ts';
import type { LogLevel } from './names.ts';
import { type Cleaner, createCleaner, type PlainLine, plainLine } from './plain-line.ts';
import { createRedactor } from './redact.ts';
import { createRotatingFile } from './rotating-file.ts';

/** One line before it is formatted. */
export interface LogRecord {
  level: LogLevel;
  message: string;
  fields: LogFields;
  /** When it was said, milliseconds since 1970. */
  at: number;
}

export interface LogWriter {
  /** Never throws: a line that cannot be written costs that line only. */
  write(record: LogRecord): void;
  /** Resolves when every line is written; nothing may be written afterwards. */
  close(): Promise<void>;
}

export interface LogWriterOptions {
  level: LogLevel;
  /** Folder of app.log and callback.log; without it only stdout is written. */
  dir?: string | undefined;
  /** Texts that must never be written, see `secretValues`. */
  secrets: readonly string[];
  service: { name: string; version: string };
  /** Default true. */
  stdout?: boolean | undefined;
  /** Bytes after which a file is rotated; default 20 MB. */
  maxBytes?: number | undefined;
}

const MAX_BYTES = 20_000_000;
const MAX_FILES = 5;
/** Where winston's transports expect the finished text. */
const MESSAGE = Symbol.for('message');
const LINE = Symbol('line');
const AT = Symbol('at');
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
  fields['@timestamp'] = new Date(info[AT] as number).toISOString(); // set by `write`: later than said is not when it happened
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

function createWinston(options: LogWriterOptions, stdout: Writable): winston.Logger {
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
    stdout.on('error', ignore);
    logger.add(new winston.transports.Stream({ stream: stdout, format: app, eol: '\n' }));
  }
  return logger;
}

/** A reader of stdout that goes away (`| head`) must not take the bot with it. */
function ignore(): void {}

/** Longest wait for a slow reader of stdout, in milliseconds: the files have everything already. */
const FLUSH_MS = 1000;

/** Writing to a full pipe is asynchronous; a process that exits at once would lose the rest. */
async function flush(stdout: Writable): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
    stdout.write('', () => resolve());
  });
  clearTimeout(timer);
}

interface FileOptions {
  dir: string;
  maxBytes: number;
  warn: (message: string, fields: LogFields) => void;
}

function createFiles({ dir, maxBytes, warn }: FileOptions): winston.transport[] {
  return [['app.log', app] as const, ['callback.log', callback] as const].map(([name, format]) => {
    const path = join(dir, name);
    const stream = createRotatingFile({
      path,
      maxBytes,
      maxFiles: MAX_FILES,
      onFailure: (error) =>
        warn('log file cannot be written, lines go to stdout only; check LOG_DIR, its owner and free space', {
          'chatbot.log_file': path,
          error,
        }),
      onRecovery: (lostLines) =>
        warn('log file can be written again', { 'chatbot.log_file': path, 'chatbot.lost_lines': lostLines }),
    });
    return new winston.transports.Stream({ stream, format, eol: '\n' }).on('finish', () => stream.end());
  });
}

/** Writes in this thread. `stdout` is where the lines for standard output go. */
export function createLogWriter(options: LogWriterOptions, stdout: Writable = process.stdout): LogWriter {
  const target = createWinston(options, stdout);

  function write({ level, message, fields, at }: LogRecord): void {
    const common = { 'event.id': randomUUID(), level, message, [AT]: at };
    try {
      target.log({ ...fields, ...common });
    } catch (error) {
      // A field that cannot even be read, such as a getter that throws.
      target.log({ ...common, 'trace.id': fields['trace.id'], 'event.action': fields['event.action'], error });
    }
  }

  if (options.dir !== undefined) {
    const warn = (message: string, fields: LogFields) => write({ level: 'warn', message, fields, at: Date.now() });
    const files = createFiles({ dir: options.dir, maxBytes: options.maxBytes ?? MAX_BYTES, warn });
    for (const file of files) target.add(file);
  }
  return {
    write,
    async close() {
      const finished = Promise.all(target.transports.map((transport) => once(transport, 'finish')));
      target.end();
      await finished;
      if (options.stdout !== false) await flush(stdout);
      stdout.off('error', ignore);
    },
  };
}
