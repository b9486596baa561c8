// Reads the lines of a time window from a log and its rotated files, without reading the rest.
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogName, logFileName, logFileNumber } from '../../../bot/telemetry/log-files.ts';
import { errorCode } from '../../process/error-code.ts';

export type LogLine = Record<string, unknown>;

export interface LogSource {
  /**
   * Reads the lines with a timestamp from `from` to `to`. Stops early if `signal` aborts; `complete` is then false.
   * Rejects with the error of the system if the folder cannot be read.
   */
  read(options: ReadOptions): Promise<LogWindow>;
}

export interface ReadOptions {
  dir: string;
  name: LogName;
  from: Date;
  to: Date;
  signal: AbortSignal;
  /** Called for each line in the window, newest block first. Within a block, the oldest line comes first. */
  onLine(line: LogLine, at: string): void;
}

export interface LogWindow {
  files: number;
  lines: number;
  /** Number of lines that are not JSON with a timestamp. */
  broken: number;
  /** Time of the newest line that was read, also outside the window. */
  lastLineAt: string | undefined;
  /** True if the window exceeds the size limit, so that its oldest part was not read. */
  truncated: boolean;
  /** False if reading stopped before the end of the window. */
  complete: boolean;
}

const BLOCK_BYTES = 256 * 1024;
/** Maximum length of a line. Parts of a longer one count as broken, so that it cannot fill the memory. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const LINE_END = 0x0a;

/** Creates the source. `maxBytes` limits the bytes of one read, all files together. */
export function createLogSource({ maxBytes = 128 * 1024 * 1024 } = {}): LogSource {
  return {
    async read(options) {
      const result: LogWindow = {
        files: 0,
        lines: 0,
        broken: 0,
        lastLineAt: undefined,
        truncated: false,
        complete: true,
      };
      const files = await openFiles(options);
      try {
        const run: Run = { ...options, result, bytesLeft: maxBytes };
        for (const file of files) if (await readFile(file, run)) break;
      } finally {
        await closeAll(files);
      }
      return result;
    },
  };
}

/**
 * Opens the files of the log that may hold lines of the window, newest first. The bot may rotate them at any time, so a
 * file may be missing, may appear under a new number, or may be opened twice.
 */
async function openFiles({ dir, name: log, from }: ReadOptions): Promise<FileHandle[]> {
  const listed = (await readdir(dir)).flatMap((name) => logFileNumber(name, log) ?? []);
  const numbers = new Set(listed.flatMap((number) => [number, number + 1]).sort((a, b) => a - b));
  const opened = new Map<number, FileHandle>();
  try {
    for (const number of numbers) {
      const file = await unlessGone(open(join(dir, logFileName(log, number)), 'r'));
      if (file === undefined) continue;
      const { ino, mtime } = await file.stat();
      const isOld = opened.size > 0 && mtime < from;
      if (opened.has(ino) || isOld) await file.close();
      else opened.set(ino, file);
    }
    return [...opened.values()];
  } catch (error) {
    await closeAll([...opened.values()]);
    throw error;
  }
}

async function closeAll(files: FileHandle[]): Promise<void> {
  await Promise.all(files.map((file) => file.close()));
}

async function unlessGone<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

interface Run extends ReadOptions {
  result: LogWindow;
  bytesLeft: number;
}

/**
 * Reads the lines of the window, newest block first, so that a limit leaves out the oldest. Resolves with true if no
 * older file is needed.
 */
async function readFile(file: FileHandle, run: Run): Promise<boolean> {
  const { result, signal } = run;
  result.files += 1;
  for await (const { text, bytes } of blocksFromEnd(file)) {
    if (signal.aborted) result.complete = false;
    else if (run.bytesLeft <= 0) result.truncated = true;
    if (signal.aborted || run.bytesLeft <= 0) return true;
    run.bytesLeft -= bytes;
    if (addLines(text, run) === 'before the window') return true;
  }
  return false;
}

/** Yields complete lines in blocks, from the end of the file to its start. Leaves out a last line without an end. */
async function* blocksFromEnd(file: FileHandle): AsyncGenerator<{ text: string; bytes: number }> {
  let end = (await file.stat()).size;
  let rest: Buffer = Buffer.alloc(0);
  let hasLineEnd = false;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const block: Buffer = Buffer.concat([await readBytes(file, start, end), rest]);
    const stop: number = hasLineEnd ? block.length : block.lastIndexOf(LINE_END) + 1;
    // The first line begins in the block before. Without a line end, the complete block belongs to it.
    const first = start === 0 ? 0 : block.indexOf(LINE_END) + 1 || stop;
    hasLineEnd ||= stop > 0;
    yield { text: block.toString('utf8', first, stop), bytes: end - start };
    rest = first > MAX_LINE_BYTES ? Buffer.alloc(0) : block.subarray(0, first);
    end = start;
  }
}

async function readBytes(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

/**
 * Adds the lines of a block. Lines of several processes may be out of order, so the window ends only at a block without
 * a line in it.
 */
function addLines(text: string, { from, to, onLine, result }: Run): 'before the window' | undefined {
  const [first, last] = [from.toISOString(), to.toISOString()];
  let newest = '';
  for (const each of text.split('\n')) {
    if (each.trim() === '') continue;
    const line = parseLine(each);
    const at = line && timeOf(line);
    if (!at) {
      result.broken += 1;
      continue;
    }
    if (at > newest) newest = at;
    if (at < first || at > last) continue;
    result.lines += 1;
    onLine(line, at);
  }
  if (newest > (result.lastLineAt ?? '')) result.lastLineAt = newest;
  return newest !== '' && newest < first ? 'before the window' : undefined;
}

function parseLine(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? flatten(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns dotted names, because ECS allows both `{"event.action": …}` and `{"event": {"action": …}}`. */
function flatten(value: object, prefix = '', into: LogLine = {}): LogLine {
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix + key;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) flatten(inner, `${name}.`, into);
    else into[name] = inner;
  }
  return into;
}

/** Format of the bot, which needs no conversion. */
const UTC_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns the time as ISO 8601 in UTC with milliseconds, so that the text order is the time order. */
function timeOf(line: LogLine): string | undefined {
  const written = String(line['@timestamp']);
  if (UTC_MILLISECONDS.test(written)) return written;
  const time = Date.parse(written);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
