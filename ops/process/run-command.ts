// Runs a program to its end and keeps what it printed.

import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandResult {
  /** Exit code, or a word such as ENOENT (no such program) or SIGTERM (ended by a signal, or by the time limit). */
  code: number | string;
  stdout: string;
  stderr: string;
}

interface CaptureOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs: number;
}

/** Never throws: a program that cannot be started is told by `code`. */
export function runCommand(file: string, args: string[], options: CaptureOptions): Promise<CommandResult> {
  const { timeoutMs, ...rest } = options;
  return new Promise((resolve) => {
    execFile(file, args, { ...rest, timeout: timeoutMs, encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? error.signal ?? 1) : 0, stdout, stderr });
    });
  });
}

interface StreamOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Ends the program; the exit code is then ABORT_ERR. */
  signal?: AbortSignal;
  /** Called with each line of both outputs, as it comes. */
  onLine: (line: string) => void;
}

const KEPT_LINES = 400;

/** Runs a program and hands on its output line by line; resolves with its exit code and the last lines. */
export function streamCommand(file: string, args: string[], { onLine, ...rest }: StreamOptions) {
  return new Promise<{ code: number | string; lines: string[] }>((resolve) => {
    const lines: string[] = [];
    const child = spawn(file, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [child.stdout, child.stderr]) {
      input.on('error', () => {}); // the end of the program says what is known
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        onLine(line);
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? 'error', lines }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 1, lines }));
  });
}
