// Writes lines to a pipe or terminal whose reader may be slow, stopped or gone. Blocks the calling thread, within a bound.
import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STDOUT = 1;
/** Pause before a full pipe is tried again, in milliseconds. */
const FULL_PIPE_MS = 5;
/** How long a reader may take nothing before lines are left out, in milliseconds. */
const PATIENCE_MS = 1_000;
const LINE_END = 0x0a;

/**
 * Returns a descriptor of standard output that never blocks: a terminal blocks after Ctrl-S. `O_NONBLOCK` on the
 * descriptor itself would change it for other processes, so the file is opened once more, see
 * https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html (read 2026-11). Elsewhere it is the descriptor itself.
 */
export function openStdout(): number {
  try {
    const canBlock = fstatSync(STDOUT).isFIFO() || isatty(STDOUT);
    return canBlock ? openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK) : STDOUT;
  } catch {
    return STDOUT; // no such file system, or the terminal of another user
  }
}

/**
 * Returns a function that writes whole lines to `fd`. What a reader does not take in time is left out, a line that was
 * begun is ended first; `onTaken` hears how many lines that were once the reader takes some again.
 */
export function createNonBlockingOutput(fd: number, onTaken: (lostLines: number) => void): (lines: Buffer) => void {
  /** The rest of a line that was begun. */
  let torn: Buffer = Buffer.alloc(0);
  let stalled = false;
  let lost = 0;
  return (lines) => {
    const all = Buffer.concat([torn, lines]);
    const written = writeAll(fd, all, stalled ? 0 : PATIENCE_MS);
    const rest = all.subarray(written);
    const isTorn = written === 0 ? torn.length > 0 : all[written - 1] !== LINE_END;
    torn = isTorn ? rest.subarray(0, rest.indexOf(LINE_END) + 1) : Buffer.alloc(0);
    lost += linesIn(rest) - linesIn(torn);
    stalled = rest.length > 0;
    if (stalled || lost === 0) return;
    const before = lost;
    lost = 0;
    onTaken(before);
  };
}

/** Bytes written. Waits as long as some are taken every `patienceMs`. */
function writeAll(fd: number, bytes: Buffer, patienceMs: number): number {
  let written = 0;
  let waited = 0;
  while (written < bytes.length) {
    const some = writeSome(fd, bytes.subarray(written));
    written += some;
    waited = some > 0 ? 0 : waited + FULL_PIPE_MS;
    if (waited > patienceMs) break;
    if (some === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
  }
  return written;
}

/** Bytes written. A reader that went away takes everything: nobody is left to miss it. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length;
  }
}

function linesIn(bytes: Buffer): number {
  return bytes.reduce((lines, byte) => (byte === LINE_END ? lines + 1 : lines), 0);
}
