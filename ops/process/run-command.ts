// Runs a program to its end and returns its output.

import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandResult {
  /**
   * Exit code, or text: ENOENT (no such program), or the signal that ended it, such as SIGTERM (also at the time
   * limit).
   */
  code: number | string;
  stdout: string;
  stderr: string;
}

interface CaptureOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs: number;
}

/**
 * Runs a program and returns its whole output. Never throws: if the program cannot be started, `code` holds the error.
 */
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
  /** Called with each line of both outputs, as it is printed. */
  onLine: (line: string) => void;
}

const KEPT_LINES = 400;

/** Runs a program and passes its output to `onLine`. Resolves with its exit code and its last 400 lines. */
export function streamCommand(file: string, args: string[], { onLine, ...rest }: StreamOptions) {
  return new Promise<{ code: number | string; lines: string[] }>((resolve) => {
    const lines: string[] = [];
    const child = spawn(file, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [child.stdout, child.stderr]) {
      input.on('error', () => {}); // the exit code reports the failure
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
