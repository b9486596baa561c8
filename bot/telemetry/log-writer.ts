// Writes the log: ECS JSON lines to stdout, to app.log, and for callbacks and pushes to callback.log. Secrets end here.
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
  /** Folder of app.log and callback.log, absolute; without it only stdout is written. */
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
const LINE = Symbol('line');
const RECORD = Symbol('record');
const LEVELS: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };

const asCallback = (json: string): string => json.replace('"log.logger":"app"', '"log.logger":"callback"');

/** Time, file and id come first: Filebeat tells files apart by their first bytes, and the same line may open both files. */
const FIRST = [
  ['@timestamp', ''],
  ['log.logger', 'app'],
  ['event.id', ''],
] as const;

/** The fields join the line behind the ECS format, which would copy and search each of them. */
const clean = winston.format((info, options) => {
  const { cleaner } = options as { cleaner: Cleaner }; // handed in by createWinston
  const { fields, at } = info[RECORD] as LogRecord; // set by `write`
  const line: PlainLine = new Map(FIRST);
  addFields(line, fields, cleaner);
  addFields(line, info, cleaner, 'level');
  line.set('@timestamp', new Date(at).toISOString());
  line.set('event.id', randomUUID());
  info[LINE] = line;
  return info;
});

function createWinston({ service, level, secrets }: LogWriterOptions, take: (line: PlainLine) => void): winston.Logger {
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
      take(info[LINE] as PlainLine); // set by `clean`
      next();
    },
  });
  const format = winston.format.combine(ecs, redacted);
  return winston.createLogger({ level, levels: LEVELS, format, transports: [sink] });
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

/** Writes in this thread. `stdout` is where the lines for standard output go. */
export function createLogWriter(options: LogWriterOptions, stdout: Writable = process.stdout): LogWriter {
  const { dir, maxBytes = MAX_BYTES } = options;
  const files = new Map<'app' | 'callback', Writable>();
  const toStdout = options.stdout !== false;
  if (toStdout) stdout.on('error', ignore);
  // The files first: they do not wait for a reader.
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
      // A field that cannot even be read, such as a getter that throws.
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
      // Before the end: a file that fails now, or works again, is a line of its own.
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

/** Characters written in one go. */
const MAX_TOGETHER = 16_384;

/** Lines of one round of the event loop are written together: a system call costs as much as the line. */
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
      if (text.length > MAX_TOGETHER) flush();
    },
    flush,
  };
}
