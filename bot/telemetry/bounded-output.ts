// Writes lines to a pipe or terminal whose reader may be slow, stopped or gone. Blocks its thread for a limited time.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { linesIn } from './lines-in.ts';

const STDOUT = 1;
/** Pause before writing to a full pipe is retried, in milliseconds. */
const FULL_PIPE_MS = 5;
/** Maximum time without progress of the reader before lines are dropped, in milliseconds. */
const READER_TIMEOUT_MS = 1_000;
const LINE_END = 0x0a;

/**
 * Returns a descriptor of standard output that never blocks, because a terminal blocks after Ctrl-S. `O_NONBLOCK` on
 * the descriptor itself would also affect other processes. So the file is opened again through `/proc/self/fd`, see
 * https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html (read 2026-11). Without `/proc` it is the descriptor itself.
 */
export function openStdout(): number {
  try {
    const canBlock = fstatSync(STDOUT).isFIFO() || isatty(STDOUT);
    return canBlock ? openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK) : STDOUT;
  } catch {
    return STDOUT; // no /proc, or the terminal belongs to another user
  }
}

/**
 * Returns a function that writes complete lines to `fd`. If the reader is too slow, lines are dropped, but the rest of
 * a partially written line is written first. When the reader reads again, `onResumed` gets the number of dropped lines.
 */
export function createBoundedOutput(fd: number, onResumed: (lostLines: number) => void): (lines: Buffer) => void {
  /** Rest of a partially written line. */
  let partial: Buffer = Buffer.alloc(0);
  let stalled = false;
  let lost = 0;
  return (lines) => {
    const all = Buffer.concat([partial, lines]);
    const written = writeAll(fd, all, stalled ? 0 : READER_TIMEOUT_MS);
    const rest = all.subarray(written);
    const isPartial = written === 0 ? partial.length > 0 : all[written - 1] !== LINE_END;
    partial = isPartial ? rest.subarray(0, rest.indexOf(LINE_END) + 1) : Buffer.alloc(0);
    lost += linesIn(rest) - linesIn(partial);
    stalled = rest.length > 0;
    if (stalled || lost === 0) return;
    const before = lost;
    lost = 0;
    onResumed(before);
  };
}

/** Returns the number of bytes written. Stops if no byte is written for `timeoutMs`. */
function writeAll(fd: number, bytes: Buffer, timeoutMs: number): number {
  let written = 0;
  let waited = 0;
  while (written < bytes.length) {
    const some = writeSome(fd, bytes.subarray(written));
    written += some;
    waited = some > 0 ? 0 : waited + FULL_PIPE_MS;
    if (waited > timeoutMs) break;
    if (some === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
  }
  return written;
}

/**
 * Returns the number of bytes written. If the reader is gone, all bytes count as written, because no process reads
 * them.
 */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
  }
}
