// Runs the doctor of the operations command line as a process of its own: the bot imports nothing of it.
import { type ExecFileOptions, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type DoctorRun =
  | { outcome: 'ended'; exitCode: number; report: string }
  /** `missing`: not part of this installation. `late`: stopped at the time limit. */
  | { outcome: 'missing' | 'late' };

export interface Doctor {
  /** Runs a diagnosis. Rejects only when `signal` aborts, which also ends the process. */
  run(signal: AbortSignal): Promise<DoctorRun>;
}

export interface DoctorOptions extends Pick<ExecFileOptions, 'cwd' | 'env'> {
  /** The built command line; by default the one beside the bot. */
  program?: string;
  timeLimitMs?: number;
}

const BESIDE_THE_BOT = fileURLToPath(new URL('../../../ops/main.js', import.meta.url));
/** Three times the default: the machine that runs the bot may be the trouble, and a chat can wait. */
const BUDGET_MS = '30000';
/** Of a process that cannot be started, or was ended by another one. */
const NO_EXIT_CODE = -1;

/** Without `cwd` and `env` the doctor sees the folder and the environment of the bot, thus the same settings. */
export function createDoctor({ program = BESIDE_THE_BOT, timeLimitMs = 60_000, ...where }: DoctorOptions = {}): Doctor {
  return {
    async run(signal) {
      if (!existsSync(program)) return { outcome: 'missing' };
      return new Promise((resolve, reject) => {
        // The doctor has its own budget of seconds; one that hangs is not asked twice to stop.
        const options: ExecFileOptions = { ...where, signal, timeout: timeLimitMs, killSignal: 'SIGKILL' };
        const words = [program, 'diagnose', '--markdown', '--budget-ms', BUDGET_MS];
        execFile(process.execPath, words, options, (error, report) => {
          if (signal.aborted) reject(signal.reason);
          else if (error?.killed) resolve({ outcome: 'late' });
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
