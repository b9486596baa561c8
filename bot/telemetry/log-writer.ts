// Writes redacted ECS JSON lines to stdout, to app.log, and for callbacks and pushes to callback.log.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { ecsFields } from '@elastic/ecs-winston-format';
import winston from 'winston';
import Transport from 'winston-transport';
import type { LogLevel } from './labels.ts';
import { CALLBACK_ACTIONS, type LogFields } from './log-fields.ts';
import { addFields, type Cleaner, createCleaner, lineToJson, type PlainLine } from './plain-line.ts';
import { createRedactor } from './redact.ts';
import { createRotatingFile } from './rotating-file.ts';

/** One line before it is formatted. */
export interface LogRecord {
  level: LogLevel;
  message: string;
  fields: LogFields;
  /** Time of the log call, in milliseconds since 1970. */
  at: number;
}

export interface LogWriter {
  /** Never throws. If a line cannot be written, only this line is lost. */
  write(record: LogRecord): void;
  /** Resolves when every line is written. Later lines are dropped. */
  close(): Promise<void>;
}

export interface LogWriterOptions {
  level: LogLevel;
  /** Absolute path of the folder of app.log and callback.log. If undefined, lines are only written to stdout. */
  dir?: string | undefined;
  /** Texts that must be redacted, see `secretValues`. */
  secrets: readonly string[];
  service: { name: string; version: string };
  /** Writes lines to stdout. Default true. */
  stdout?: boolean | undefined;
  /** Maximum size of a file in bytes before it is rotated. Default 20 MB. */
  maxBytes?: number | undefined;
}

const MAX_BYTES = 20_000_000;
const MAX_FILES = 5;
const LINE = Symbol('line');
const RECORD = Symbol('record');
const LEVELS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

const asCallback = (json: string): string => json.replace('"log.logger":"app"', '"log.logger":"callback"');

/**
 * First fields of a line. Filebeat identifies a file by its first bytes, and both files may begin with the same line.
 * So the time, the name of the log and the id come first.
 */
const FIRST_FIELDS = [
  ['@timestamp', ''],
  ['log.logger', 'app'],
  ['event.id', ''],
] as const;

/** Adds the fields after the ECS format, because that format would copy and search each of them. */
const clean = winston.format((info, options) => {
  const { cleaner } = options as { cleaner: Cleaner }; // handed in by createWinston
  const { fields, at } = info[RECORD] as LogRecord; // set by `write`
  const line: PlainLine = new Map(FIRST_FIELDS);
  addFields(line, fields, cleaner);
  addFields(line, info, cleaner, 'level');
  line.set('@timestamp', new Date(at).toISOString());
  line.set('event.id', randomUUID());
  info[LINE] = line;
  return info;
});

function createWinston(
  { service, level, secrets }: LogWriterOptions,
  onLine: (line: PlainLine) => void,
): winston.Logger {
  const ecs = ecsFields({
    convertErr: false,
    apmIntegration: false,
    serviceName: service.name,
    serviceVersion: service.version,
    eventDataset: 'chatbot.app',
  });
  const redacted = clean({ cleaner: createCleaner(createRedactor(secrets)) });
  const sink = new Transport({
    log(info, next) {
      onLine(info[LINE] as PlainLine); // set by `clean`
      next();
    },
  });
  const format = winston.format.combine(ecs, redacted);
  return winston.createLogger({ level, levels: LEVELS, format, transports: [sink] });
}

/** Ignores errors of stdout, because a reader that exits (`| head`) must not end the bot. */
function ignore(): void {}

/** Maximum wait for a slow reader of stdout, in milliseconds. The files already contain all lines. */
const FLUSH_MS = 1000;

/**
 * Waits until stdout is written. Writing to a full pipe is asynchronous, so a process that exits at once loses the
 * rest.
 */
async function flush(stdout: Writable): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FLUSH_MS);
    stdout.write('', () => resolve());
  });
  clearTimeout(timer);
}

interface FileOptions {
  path: string;
  maxBytes: number;
  warn: (message: string, fields: LogFields) => void;
}

function createFile({ path, maxBytes, warn }: FileOptions): Writable {
  return createRotatingFile({
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
}

/** Creates a writer in the calling thread. Lines for standard output are written to `stdout`. */
export function createLogWriter(options: LogWriterOptions, stdout: Writable = process.stdout): LogWriter {
  const { dir, maxBytes = MAX_BYTES } = options;
  const files = new Map<'app' | 'callback', Writable>();
  const toStdout = options.stdout !== false;
  if (toStdout) stdout.on('error', ignore);
  // The files come first, because they do not wait for a reader.
  const app = createLineBuffer(() => [...valuesOf(files, 'app'), ...(toStdout ? [stdout] : [])]);
  const callback = createLineBuffer(() => valuesOf(files, 'callback'));
  const target = createWinston(options, (line) => {
    const json = lineToJson(line);
    app.add(json);
    if (CALLBACK_ACTIONS.includes(line.get('event.action'))) callback.add(asCallback(json));
  });

  let ended = false;
  function write(record: LogRecord): void {
    if (ended) return;
    const { level, message, fields } = record;
    try {
      target.log({ level, message, [RECORD]: record });
    } catch (error) {
      // A field cannot be read, for example because its getter throws.
      const { 'trace.id': trace, 'event.action': action } = fields;
      const readable = { 'trace.id': trace, 'event.action': action, error };
      target.log({ level, message, [RECORD]: { ...record, fields: readable } });
    }
  }

  if (dir !== undefined) {
    const warn = (message: string, fields: LogFields) => write({ level: 'warn', message, fields, at: Date.now() });
    for (const name of ['app', 'callback'] as const) {
      files.set(name, createFile({ path: join(dir, `${name}.log`), maxBytes, warn }));
    }
  }
  return {
    write,
    async close() {
      // Flushes before the end, because a file that fails now, or works again, is reported in a line of its own.
      app.flush();
      callback.flush();
      ended = true;
      const finished = once(target, 'finish');
      target.end();
      await finished;
      app.flush();
      callback.flush();
      for (const file of files.values()) file.end();
      if (toStdout) await flush(stdout);
      stdout.off('error', ignore);
    },
  };
}

function valuesOf<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value[] {
  const value = map.get(key);
  return value === undefined ? [] : [value];
}

interface LineBuffer {
  add(line: string): void;
  flush(): void;
}

/** Maximum number of buffered characters. */
const MAX_BUFFERED = 16_384;

/** Buffers the lines of one iteration of the event loop, because a system call costs as much as formatting a line. */
function createLineBuffer(streams: () => Writable[]): LineBuffer {
  let text = '';
  const flush = () => {
    if (text === '') return;
    const lines = Buffer.from(text);
    text = '';
    for (const stream of streams()) stream.write(lines);
  };
  return {
    add(line) {
      if (text === '') setImmediate(flush);
      text += `${line}\n`;
      if (text.length > MAX_BUFFERED) flush();
    },
    flush,
  };
}
