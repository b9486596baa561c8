// The command line built from what is here now, run as a person runs it: in a process of its own.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../ops/project-root.ts';

export interface OpsRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** `dir` is the working folder. The environment holds `env` and PATH alone. Rejects when it does not end by itself. */
export function runOps(
  argv: string[],
  { dir, env = {} }: { dir: string; env?: Record<string, string> },
): Promise<OpsRun> {
  const options = { cwd: dir, env: { PATH: process.env.PATH, ...env }, timeout: 60_000, maxBuffer: 50_000_000 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(builtTo(), 'ops/main.js'), ...argv], options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error);
      resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

/** A folder of its own for each worker: one must not read what another one is just writing. */
function builtTo(): string {
  return join(projectRoot(), 'dist', `.test-${process.env.JEST_WORKER_ID}`);
}

/** What is built may be older than what is tested. */
export function buildOps(): Promise<void> {
  const tsc = join(projectRoot(), 'node_modules/typescript/bin/tsc');
  const words = ['-p', 'tsconfig.build.json', '--outDir', builtTo(), '--tsBuildInfoFile', `${builtTo()}/.tsbuildinfo`];
  return new Promise((resolve) => {
    // Errors of types are the business of the type check; code is emitted all the same.
    execFile(process.execPath, [tsc, ...words], { cwd: projectRoot() }, () => resolve());
  });
}
