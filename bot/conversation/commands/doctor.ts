// Runs `ops diagnose` (the doctor) in a separate process, because the bot does not import code of `ops/`.
import { type ExecFileOptions, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type DoctorRun =
  | { outcome: 'ended'; exitCode: number; report: string }
  /** `missing`: not part of this installation. `timed_out`: stopped at the time limit. */
  | { outcome: 'missing' | 'timed_out' };

export interface Doctor {
  /** Runs a diagnosis. Rejects only if `signal` aborts, which also kills the process. */
  run(signal: AbortSignal): Promise<DoctorRun>;
}

export interface DoctorOptions extends Pick<ExecFileOptions, 'cwd' | 'env'> {
  /** Path of the built command line. Default: `dist/ops/main.js` of this installation. */
  program?: string;
  /** Default: `DOCTOR_TIME_LIMIT_MS`. */
  timeLimitMs?: number;
}

const DEFAULT_PROGRAM = fileURLToPath(new URL('../../../ops/main.js', import.meta.url));
/** Time limit of the process, in milliseconds. The phrases of `/diagnose` state it. */
export const DOCTOR_TIME_LIMIT_MS = 60_000;
/** Time budget of the checks: three times the default, because the bot's machine may be slow and a chat can wait. */
const BUDGET_MS = '30000';
/** Reported for a process that could not be started or was killed by a signal. */
const NO_EXIT_CODE = -1;

/** Creates the doctor. By default it inherits the bot's working directory and environment, thus the same settings. */
export function createDoctor({
  program = DEFAULT_PROGRAM,
  timeLimitMs = DOCTOR_TIME_LIMIT_MS,
  ...processOptions
}: DoctorOptions = {}): Doctor {
  return {
    async run(signal) {
      if (!existsSync(program)) return { outcome: 'missing' };
      return new Promise((resolve, reject) => {
        // The doctor limits its own time. If it still hangs, kill it, because it may ignore SIGTERM.
        const options: ExecFileOptions = { ...processOptions, signal, timeout: timeLimitMs, killSignal: 'SIGKILL' };
        const args = [program, 'diagnose', '--markdown', '--budget-ms', BUDGET_MS];
        execFile(process.execPath, args, options, (error, report) => {
          if (signal.aborted) reject(signal.reason);
          else if (error?.killed) resolve({ outcome: 'timed_out' });
          else resolve({ outcome: 'ended', exitCode: exitCodeOf(error), report: String(report) });
        });
      });
    },
  };
}

function exitCodeOf(error: { code?: unknown } | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : NO_EXIT_CODE;
}
