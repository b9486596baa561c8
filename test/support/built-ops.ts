// The command line built from what is here now, run as a person runs it: in a process of its own.
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

/** `dir` is the working folder. The environment holds `env` and PATH alone. Rejects when it does not end by itself. */
export async function runOps(
  argv: string[],
  { dir, env = {} }: { dir: string; env?: Record<string, string> },
): Promise<OpsRun> {
  const options = { cwd: dir, env: { PATH: process.env.PATH, ...env } };
  const program = join(builtTo(), 'ops/main.js');
  const { code, stdout, stderr } = await runMarked(process.execPath, [program, ...argv], options);
  if (code === null) throw new Error(`Ended by a signal: ops ${argv.join(' ')}\n${stderr}`);
  return { exitCode: code, stdout, stderr };
}

/** A folder of its own for each worker: one must not read what another one is just writing. */
function builtTo(): string {
  return join(projectRoot(), 'dist', `.test-${process.env.JEST_WORKER_ID}`);
}

/**
 * Builds what is here now, because the last build may be older. Once in each worker of a run: the sources stay the same.
 * A bare jest has no id of a run and builds for each file.
 */
export async function buildOps(): Promise<void> {
  const run = process.env.CHATBOT_TEST_RUN?.split(' /')[0] ?? randomUUID();
  const stamp = join(builtTo(), '.run');
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === run) return;
  const tsc = join(projectRoot(), 'node_modules/typescript/bin/tsc');
  const words = ['-p', 'tsconfig.build.json', '--outDir', builtTo(), '--tsBuildInfoFile', `${builtTo()}/.tsbuildinfo`];
  // Errors of types are the business of the type check; code is emitted all the same.
  await runMarked(process.execPath, [tsc, ...words], { cwd: projectRoot() });
  await writeFile(stamp, run);
}
