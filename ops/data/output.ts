// Where an export goes: stdout, or a file that only its owner may read.
import { closeSync, createWriteStream, openSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../process/command-error.ts';
import { errorCode } from '../process/error-code.ts';

/** A closed terminal is the last one. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Gives `work` the file descriptor of a new file, undefined for stdout, and resolves with its exit code. Half a file
 * is no export: it is removed when `work` fails and when the process is ended meanwhile.
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
    for (const name of ENDING) process.off(name, endBy);
    process.kill(process.pid, signal); // the usual end, with the usual exit code
  };
  for (const name of ENDING) process.on(name, endBy);
  process.once('exit', remove);
  try {
    code = await work(fd);
    return code;
  } finally {
    for (const name of ENDING) process.off(name, endBy);
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

/** As fast as the reader takes them. A reader of stdout that leaves early is no error. */
export async function writeLines(lines: AsyncIterable<string>, fd: number | undefined): Promise<void> {
  if (fd !== undefined) return pipeline(Readable.from(lines), createWriteStream('', { fd, autoClose: false }));
  try {
    await pipeline(Readable.from(lines), process.stdout, { end: false });
  } catch (error) {
    if (errorCode(error) !== 'EPIPE') throw error;
  }
}
