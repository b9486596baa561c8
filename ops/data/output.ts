// Writes an export to stdout, or into a new file that only its owner can read.
import { closeSync, createWriteStream, openSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../process/command-error.ts';
import { errorCode } from '../process/error-code.ts';

/** Signals that end the process. A terminal that is closed sends SIGHUP. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `work` with the file descriptor of a new file, or with undefined for stdout, and resolves with its exit code.
 * If `work` fails or a signal ends the process, the file is removed, because a partial export is useless. Throws
 * `CommandError` if the file exists or cannot be created.
 */
export async function withOutput(
  path: string | undefined,
  work: (fd: number | undefined) => Promise<number>,
): Promise<number> {
  if (path === undefined) return work(undefined);
  const fd = create(path);
  let code = 1;
  const remove = () => rmSync(path, { force: true });
  const endBy = (signal: NodeJS.Signals) => {
    remove();
    for (const name of ENDING_SIGNALS) process.off(name, endBy);
    process.kill(process.pid, signal); // ends the process as the signal does without a handler
  };
  for (const name of ENDING_SIGNALS) process.on(name, endBy);
  process.once('exit', remove);
  try {
    code = await work(fd);
    return code;
  } finally {
    for (const name of ENDING_SIGNALS) process.off(name, endBy);
    process.off('exit', remove);
    closeSync(fd);
    if (code !== 0) remove();
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new CommandError(`${path} exists already: choose another name.`);
    throw new CommandError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Writes the lines at the speed of the reader. If a reader closes stdout early, stops without an error. */
export async function writeLines(lines: AsyncIterable<string>, fd: number | undefined): Promise<void> {
  if (fd !== undefined) return pipeline(Readable.from(lines), createWriteStream('', { fd, autoClose: false }));
  try {
    await pipeline(Readable.from(lines), process.stdout, { end: false });
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error;
  }
}
