// Hands log lines to a thread of their own: formatting, redaction and slow disks do not delay an acknowledgement.
import { Worker } from 'node:worker_threads';
import { createLogWriter, type LogRecord, type LogWriter, type LogWriterOptions } from './log-writer.ts';
import { addFields, createCleaner, type PlainLine } from './plain-line.ts';
import { createRedactor } from './redact.ts';

/** What the thread is told: `LogRecord`s as a JSON list, copied as one text; or to write everything and end. */
export type ToLogThread = { records: string } | { close: true };
/** How many more lines the thread has written. */
export type FromLogThread = { written: number };

/** Lines are short and soon forgotten; left to itself the thread would let far more garbage lie. In MiB. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 48 };

/** How long lines wait for others: handing one over costs as much as handing over a hundred. */
const TOGETHER_MS = 20;

/** How long a close waits for the next lines to be written, in milliseconds: a thread that hangs must not keep the process. */
const CLOSE_MS = 5_000;

/** Lines that may wait for the thread. A storm beyond it would take the memory that answers need. */
const MAX_WAITING = 20_000;

/**
 * `program` is the compiled `log-thread-main`. Lines reach the thread within some milliseconds, together. A thread
 * that ends unasked is replaced by writing in this one.
 */
export function createLogThread(program: URL, options: LogWriterOptions): LogWriter {
  const worker = new Worker(program, {
    workerData: options,
    stdout: false,
    stderr: false,
    resourceLimits: LIMITS,
  });
  // The bot runs as long as it listens; the log does not keep it.
  worker.unref();
  const toText = createSerializer(options.secrets);
  const state = { waiting: 0, lost: 0 };
  let lines: string[] = [];
  let replacement: LogWriter | undefined;
  let closing = false;
  let late: NodeJS.Timeout | undefined;

  function flush(): void {
    if (lines.length === 0 || replacement) return;
    worker.postMessage({ records: `[${lines.join(',')}]` } satisfies ToLogThread);
    lines = [];
  }

  function write(record: LogRecord): void {
    if (replacement) replacement.write(record);
    else if (state.waiting >= MAX_WAITING) state.lost += 1;
    else {
      state.waiting += 1;
      if (lines.push(toText(record)) === 1) setTimeout(flush, TOGETHER_MS);
    }
  }

  worker.on('message', ({ written }: FromLogThread) => {
    state.waiting -= written;
    late?.refresh();
    const { lost } = state;
    if (closing || lost === 0 || state.waiting > MAX_WAITING / 2) return;
    state.lost = 0;
    write(lossOf(lost));
  });
  /** A thread that ends by itself, with an error or without one, is replaced once. */
  function replace(error: Error): void {
    if (closing || replacement) return;
    replacement = createLogWriter(options);
    const fields = { error, 'chatbot.lost_lines': state.waiting - lines.length + state.lost };
    const message = 'the log thread ended, lines are written here';
    replacement.write({ level: 'error', message, fields, at: Date.now() });
    for (const line of lines) replacement.write(JSON.parse(line) as LogRecord); // written by `write`
    lines = [];
    process.stderr.write(`${message[0]?.toUpperCase()}${message.slice(1)}.\n`);
  }
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', (code) => {
      replace(new Error(`exit code ${code}`));
      resolve();
    });
  });
  worker.on('error', replace);
  return {
    write,
    async close() {
      if (replacement) return replacement.close();
      if (state.lost > 0) lines.push(toText(lossOf(state.lost)));
      flush();
      closing = true;
      worker.ref();
      worker.postMessage({ close: true } satisfies ToLogThread);
      late = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await exited;
      clearTimeout(late);
    },
  };
}

function lossOf(lines: number): LogRecord {
  const fields = { 'chatbot.lost_lines': lines };
  return { level: 'warn', message: 'more was logged than could be written', fields, at: Date.now() };
}

/** JSON of a record. Fields that are more than plain values are flattened and cleaned first, as the writer would. */
function createSerializer(secrets: readonly string[]): (record: LogRecord) => string {
  const cleaner = createCleaner(createRedactor(secrets));
  const flattened = (fields: object) => {
    const line: PlainLine = new Map();
    addFields(line, fields, cleaner);
    return Object.fromEntries(line);
  };
  return (record) => {
    try {
      const plain = Object.values(record.fields).every(isPlain);
      return JSON.stringify(plain ? record : { ...record, fields: flattened(record.fields) });
    } catch (error) {
      // A field that cannot even be read, such as a getter that throws.
      return JSON.stringify({ ...record, fields: flattened({ error }) });
    }
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean';
}
