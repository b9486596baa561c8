// The log thread: takes lines from the bot's thread and writes them.
import { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLogThread, ToLogThread } from './log-thread.ts';
import { createLogWriter, type LogRecord, type LogWriterOptions } from './log-writer.ts';
import { createNonBlockingOutput, openStdout } from './non-blocking-output.ts';

/** `process.stdout` of a worker goes through the main thread, which is what this thread is to spare. */
const output = createNonBlockingOutput(openStdout(), (lostLines) => {
  const fields = { 'chatbot.lost_lines': lostLines };
  writer.write({ level: 'warn', message: UNREAD, fields, at: Date.now() });
});
const UNREAD = 'standard output was not read for a while, lines of this time are in the log files only';

const stdout = new Writable({
  decodeStrings: true,
  write(chunk: Buffer, _encoding, done) {
    output(chunk);
    done();
  },
});

/** Lines after which the thread reports progress, which a close waits for. */
const REPORTED_TOGETHER = 100;

const port = parentPort;
if (port === null) throw new Error('This file is the program of a thread.');
const writer = createLogWriter(workerData as LogWriterOptions, stdout); // handed over by createLogThread
port.on('message', (message: ToLogThread) => {
  if ('close' in message) {
    void writer.close().then(() => port.close());
    return;
  }
  const records = JSON.parse(message.records) as LogRecord[]; // written by createLogThread
  while (records.length > 0) {
    const next = records.splice(0, REPORTED_TOGETHER);
    for (const record of next) writer.write(record);
    port.postMessage({ written: next.length } satisfies FromLogThread);
  }
});
