// The log thread: takes lines from the bot's thread and writes them.
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromLogThread, ToLogThread } from './log-thread.ts';
import { createLogWriter, type LogRecord, type LogWriterOptions } from './log-writer.ts';

const STDOUT = 1;
/** Pause before a full pipe is tried again, in milliseconds. Only this thread waits. */
const FULL_PIPE_MS = 5;

/** `process.stdout` of a worker goes through the main thread, which is what this thread is to spare. */
const stdout = new Writable({
  decodeStrings: true,
  write(chunk: Buffer, _encoding, done) {
    let rest = chunk;
    while (rest.length > 0) rest = rest.subarray(writeSome(rest));
    done();
  },
});

/** Bytes written. A reader that went away takes everything: nobody is left to miss it. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return bytes.length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    return 0;
  }
}

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
