// Program of the log thread: receives records from the bot's main thread and writes them.
import { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { createBoundedOutput, openStdout } from './bounded-output.ts';
import type { FromLogThread, ToLogThread } from './log-thread.ts';
import { createLogWriter, type LogRecord, type LogWriterOptions } from './log-writer.ts';

/** Writes to standard output directly. `process.stdout` of a worker would pass each line through the main thread. */
const output = createBoundedOutput(openStdout(), (lostLines) => {
  const fields = { 'chatbot.lost_lines': lostLines };
  writer.write({ level: 'warn', message: SLOW_READER, fields, at: Date.now() });
});
const SLOW_READER =
  'log lines were not written to standard output, because its reader was too slow; the log files contain them';

const stdout = new Writable({
  decodeStrings: true,
  write(chunk: Buffer, _encoding, done) {
    output(chunk);
    done();
  },
});

/** Number of lines per progress report. `close` waits as long as the thread reports progress. */
const REPORT_LINES = 100;

const port = parentPort;
if (port === null) throw new Error('log-thread-main must run as a worker thread.');
const writer = createLogWriter(workerData as LogWriterOptions, stdout); // handed over by createLogThread
port.on('message', (message: ToLogThread) => {
  if ('close' in message) {
    void writer.close().then(() => port.close());
    return;
  }
  const records = JSON.parse(message.records) as LogRecord[]; // written by createLogThread
  while (records.length > 0) {
    const next = records.splice(0, REPORT_LINES);
    for (const record of next) writer.write(record);
    port.postMessage({ written: next.length } satisfies FromLogThread);
  }
});
