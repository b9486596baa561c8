// Sends log lines to a worker thread, so that formatting, redaction and slow disks delay no acknowledgement.
import { Worker } from 'node:worker_threads';
import { createLogWriter, type LogRecord, type LogWriter, type LogWriterOptions } from './log-writer.ts';
import { addFields, createCleaner, type PlainLine } from './plain-line.ts';
import { createRedactor } from './redact.ts';

/** Message to the thread: `LogRecord`s as the text of a JSON list, or the request to write everything and exit. */
export type ToLogThread = { records: string } | { close: true };
/** Message from the thread: the number of lines written since its last message. */
export type FromLogThread = { written: number };

/** Heap limits of the thread, in MiB. Lines are short-lived, and without limits V8 would collect garbage much later. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 48 };

/**
 * Time to collect lines for one message, in milliseconds. A message with one line costs as much as one with a hundred.
 */
const BATCH_MS = 20;

/**
 * Maximum time without progress during a close, in milliseconds. A thread that hangs must not keep the process alive.
 */
const CLOSE_MS = 5_000;

/**
 * Maximum number of lines that wait for the thread. More would use the memory that answers need, so they are dropped.
 */
const MAX_WAITING = 20_000;

/**
 * Creates a writer that runs `program`, the compiled `log-thread-main`, in a worker thread. Lines are sent to it in
 * batches, every few milliseconds. If the thread exits unexpectedly, lines are written in the calling thread instead.
 */
export function createLogThread(program: URL, options: LogWriterOptions): LogWriter {
  const worker = new Worker(program, {
    workerData: options,
    stdout: false,
    stderr: false,
    resourceLimits: LIMITS,
  });
  // The thread must not keep the process alive when the bot no longer listens.
  worker.unref();
  const toText = createSerializer(options.secrets);
  const state = { waiting: 0, lost: 0 };
  let lines: string[] = [];
  let replacement: LogWriter | undefined;
  let closing = false;
  let closeTimer: NodeJS.Timeout | undefined;

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
      if (lines.push(toText(record)) === 1) setTimeout(flush, BATCH_MS);
    }
  }

  worker.on('message', ({ written }: FromLogThread) => {
    state.waiting -= written;
    closeTimer?.refresh();
    const { lost } = state;
    if (closing || lost === 0 || state.waiting > MAX_WAITING / 2) return;
    state.lost = 0;
    write(lossRecord(lost));
  });
  /** Replaces the thread, once, if it exits unexpectedly, with or without an error. */
  function replace(error: Error): void {
    if (closing || replacement) return;
    replacement = createLogWriter(options);
    const fields = { error, 'chatbot.lost_lines': state.waiting - lines.length + state.lost };
    const message = 'the log thread ended, log lines are now written by the main thread';
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
      if (state.lost > 0) lines.push(toText(lossRecord(state.lost)));
      flush();
      closing = true;
      worker.ref();
      worker.postMessage({ close: true } satisfies ToLogThread);
      closeTimer = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await exited;
      clearTimeout(closeTimer);
    },
  };
}

/** Returns a record that reports dropped lines. */
function lossRecord(lines: number): LogRecord {
  const fields = { 'chatbot.lost_lines': lines };
  return {
    level: 'warn',
    message: 'log lines were dropped, because more was logged than could be written',
    fields,
    at: Date.now(),
  };
}

/**
 * Creates a function that returns a record as JSON. Fields with other than plain values are flattened and cleaned
 * first.
 */
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
      // A field cannot be read, for example because its getter throws.
      return JSON.stringify({ ...record, fields: flattened({ error }) });
    }
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === undefined || value === null || typeof value === 'string' || typeof value === 'boolean';
}
