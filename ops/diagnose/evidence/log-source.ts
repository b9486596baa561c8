// Reads the lines of a time window from a log and its rotated files, without reading the rest.
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** `callback`: callbacks and pushes. `app`: all lines. */
  name: 'callback' | 'app';
  from: Date;
  to: Date;
  signal: AbortSignal;
  /** Called for each line in the window, file by file. */
  onLine(line: LogLine, at: string): void;
}

export interface LogWindow {
  files: number;
  lines: number;
  /** Number of lines that are not JSON with a timestamp. */
  broken: number;
  /** Time of the newest line that was read, also outside the window. */
  lastLineAt: string | undefined;
  /** True if the window exceeds the size limit, so that only its newest part was read. */
  truncated: boolean;
  /** False if reading stopped before the end of the window. */
  complete: boolean;
}

/** Maximum distance by which lines of several processes may be out of order. */
const OVERLAP_BYTES = 64 * 1024;
const BLOCK_BYTES = 64 * 1024;

/** `maxBytes` limits the bytes read per file. */
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
      for (const path of await listFiles(options)) {
        const file = await unlessGone(open(path, 'r'));
        if (file === undefined) continue;
        try {
          result.files += 1;
          await readFileWindow(file, { ...options, maxBytes, result });
        } finally {
          await file.close();
        }
      }
      if (options.signal.aborted) result.complete = false;
      return result;
    },
  };
}

/** Returns undefined if the file no longer exists, because rotation can rename files at any time. */
async function unlessGone<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns the newest file, and older ones that were written to since the start of the window. */
async function listFiles({ dir, name: stem, from }: ReadOptions): Promise<string[]> {
  const pattern = new RegExp(`^${stem}\\d*\\.log$`);
  const names = (await readdir(dir)).filter((name) => pattern.test(name)).sort();
  const found = await Promise.all(
    names.map(async (name) => ({
      path: join(dir, name),
      mtime: (await unlessGone(stat(join(dir, name))))?.mtimeMs,
    })),
  );
  const files = found.flatMap(({ path, mtime }) => (mtime === undefined ? [] : [{ path, mtime }]));
  const newest = Math.max(...files.map((file) => file.mtime));
  return files.filter((file) => file.mtime >= from.getTime() || file.mtime === newest).map((file) => file.path);
}

type WindowOptions = ReadOptions & { maxBytes: number; result: LogWindow };

async function readFileWindow(file: FileHandle, options: WindowOptions): Promise<void> {
  const { size } = await file.stat();
  const first = await findOffset(file, size, options.from);
  const start = Math.max(first, size - options.maxBytes);
  if (start > first) options.result.truncated = true;
  for await (const text of linesFrom(file, start, options.signal)) addLine(text, options);
}

function addLine(text: string, { from, to, onLine, result }: WindowOptions): void {
  const line = parseLine(text);
  const at = line && timeOf(line);
  if (!line || !at) {
    result.broken += 1;
    return;
  }
  if (result.lastLineAt === undefined || at > result.lastLineAt) result.lastLineAt = at;
  if (at < from.toISOString() || at > to.toISOString()) return;
  result.lines += 1;
  onLine(line, at);
}

/** Bisects on the timestamps. Returns an offset at or before the first line of the window. */
async function findOffset(file: FileHandle, size: number, from: Date): Promise<number> {
  const wanted = from.toISOString();
  let low = 0;
  let high = size;
  while (high - low > BLOCK_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const at = await firstTimeAfter(file, middle);
    if (at === undefined || at >= wanted) high = middle;
    else low = middle;
  }
  return Math.max(0, low - OVERLAP_BYTES);
}

/** Returns the timestamp of the first valid line that begins after `offset` within two blocks. */
async function firstTimeAfter(file: FileHandle, offset: number): Promise<string | undefined> {
  const buffer = Buffer.alloc(2 * BLOCK_BYTES);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
  for (const text of lines.slice(1, -1)) {
    const line = parseLine(text);
    const at = line && timeOf(line);
    if (at) return at;
  }
  return undefined;
}

/**
 * Yields complete lines from the first one that begins at or after `start`, until `signal` aborts. Leaves out a last
 * line that is still being written. The stream does not get the signal, because an aborted signal destroys the stream
 * before its error has a listener.
 */
async function* linesFrom(file: FileHandle, start: number, signal: AbortSignal): AsyncGenerator<string> {
  if (signal.aborted) return;
  const stream = file.createReadStream({ start, autoClose: false, encoding: 'utf8' });
  let rest = '';
  let inside = start > 0;
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (inside && lines.length > 0) {
      lines.shift();
      inside = false;
    }
    for (const line of lines) if (line.trim() !== '') yield line;
    if (signal.aborted) return;
  }
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

/** Returns the time as ISO 8601 in UTC with milliseconds, so that the text order is the time order. */
function timeOf(line: LogLine): string | undefined {
  const time = Date.parse(String(line['@timestamp']));
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
