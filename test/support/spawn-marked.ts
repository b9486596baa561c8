// Starts the child processes of tests. Each carries the mark of the run, so that `npm test` ends processes that outlive
// their test file, even if a `beforeAll` failed or the worker was killed (test/run/mark.js).
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  type ExecFileOptions,
  execFile,
  type SpawnOptions,
  type SpawnSyncOptions,
  type SpawnSyncReturns,
  spawn,
  spawnSync,
} from 'node:child_process';
import { PATIENCE_MS } from './patience.ts';

const MARK = 'CHATBOT_TEST_RUN';

/** Adds the mark to an environment. Outside a test run, as in `make chaos`, there is no mark. */
export function marked(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const mark = process.env[MARK];
  return mark === undefined ? env : { ...env, [MARK]: mark };
}

/** Works as `spawn`. The caller must stop the process, because a process that outlives its test file is a failure. */
export function spawnMarked(
  command: string,
  args: readonly string[],
  options?: SpawnOptions & { stdio?: 'pipe' },
): ChildProcessWithoutNullStreams;
export function spawnMarked(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
export function spawnMarked(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(command, args, { ...options, env: marked(options.env) });
}

/** Works as `spawnSync` with text instead of bytes. Ends the process after `PATIENCE_MS`. */
export function spawnMarkedSync(
  command: string,
  args: readonly string[],
  options: SpawnSyncOptions = {},
): SpawnSyncReturns<string> {
  const limits = { encoding: 'utf8', timeout: PATIENCE_MS } as const;
  return spawnSync(command, args, { ...options, ...limits, env: marked(options.env) });
}

/** Result of a process that has ended. */
export interface Finished {
  /** Exit code; null if a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, and resolves with any exit code. Rejects if it cannot be started or hangs. */
export function runMarked(command: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Finished> {
  const limits = { timeout: PATIENCE_MS, maxBuffer: 50_000_000, encoding: 'utf8' } as const;
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, ...limits, env: marked(options.env) }, (error, stdout, stderr) => {
      if (error?.killed) return reject(new Error(`Ended after ${PATIENCE_MS} ms: ${command} ${args.join(' ')}`));
      if (typeof error?.code === 'string') return reject(error);
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}
