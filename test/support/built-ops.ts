// Builds the command line from the current sources, and runs it in a separate process.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { runMarked } from './spawn-marked.ts';

export interface OpsRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end. `dir` is the working directory; the environment contains `env` and PATH only. Rejects if a
 * signal ended the command.
 */
export async function runOps(
  argv: string[],
  { dir, env = {} }: { dir: string; env?: Record<string, string> },
): Promise<OpsRun> {
  return runBuilt('ops/main.js', argv, { dir, env });
}

/** Runs another program of the build with the same environment. */
export async function runBuilt(
  program: string,
  argv: string[],
  { dir, env = {} }: { dir: string; env?: Record<string, string> },
): Promise<OpsRun> {
  const options = { cwd: dir, env: { PATH: process.env.PATH, ...env } };
  const { code, stdout, stderr } = await runMarked(process.execPath, [join(builtTo(), program), ...argv], options);
  if (code === null) throw new Error(`Ended by a signal: ${program} ${argv.join(' ')}\n${stderr}`);
  return { exitCode: code, stdout, stderr };
}

/** Returns the output folder of this worker. Each worker has one, so that none reads incomplete files of another. */
export function builtTo(): string {
  return join(projectRoot(), 'dist', `.test-${process.env.JEST_WORKER_ID}`);
}

/**
 * Builds the current sources, because the last build may be older. Builds once in each worker of a run. Jest without the
 * runner has no run id, so it builds for each file.
 */
export async function buildOps(): Promise<void> {
  const run = process.env.CHATBOT_TEST_RUN?.split(' /')[0] ?? randomUUID();
  const stamp = join(builtTo(), '.run');
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === run) return;
  const tsc = join(projectRoot(), 'node_modules/typescript/bin/tsc');
  const args = ['-p', 'tsconfig.build.json', '--outDir', builtTo(), '--tsBuildInfoFile', `${builtTo()}/.tsbuildinfo`];
  // Type errors do not matter here: `make check` reports them, and tsc emits code in spite of them.
  await runMarked(process.execPath, [tsc, ...args], { cwd: projectRoot() });
  await writeFile(stamp, run);
}
