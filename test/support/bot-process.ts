// Starts the built bot as a separate process, as a service manager would.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { spawnMarked } from './spawn-marked.ts';
import { waitUntil } from './wait-until.ts';

const main = join(projectRoot(), 'dist/bot/main.js');

/** Settings for tests of the shutdown. If a shutdown runs into its own time limit, the test fails first. */
export const LONG_SHUTDOWN = { SHUTDOWN_TIMEOUT_MS: '3600000' };

export interface BotProcess {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Sends the signal. Resolves with the exit code after the end; null after SIGKILL. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ code: number | null }>;
}

/** Starts the process with this environment and PATH only. `dir` is the working directory with the settings files. */
export function startBotProcess(dir: string, env: Record<string, string>): BotProcess {
  const child = spawnMarked(process.execPath, [main], { cwd: dir, env: { PATH: process.env.PATH ?? '', ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async end(signal) {
      const closed = once(child, 'close');
      child.kill(signal);
      const [code] = (await closed) as [number | null]; // arguments of the event
      return { code };
    },
  };
}

/** Resolves when `/readyz` of the admin listener answers 200. Rejects at once if the process has ended. */
export async function ready(adminUrl: string, child?: ChildProcess): Promise<void> {
  await waitUntil(`${adminUrl}/readyz answers 200`, () => {
    if (child && !isRunning(child)) throw new Error(`The bot ended with ${child.exitCode ?? child.signalCode}.`);
    return fetch(`${adminUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
  });
}

export function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
