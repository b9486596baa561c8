// Runs a TypeScript file of the tests as a real process and keeps what it wrote.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

const hooks = new URL('./ts-hooks.js', import.meta.url).href;

/** Resolves when the process has ended, whatever its exit code. */
export function runChild(file: URL, args: string[], cwd?: string): Promise<Finished> {
  const words = ['--import', hooks, fileURLToPath(file), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd, timeout: 10_000, maxBuffer: 50_000_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}
