// Runs a TypeScript file of the tests as a process, and returns its output.
import { fileURLToPath } from 'node:url';
import { type Finished, runMarked } from '../../../support/spawn-marked.ts';

const hooks = new URL('./ts-hooks.js', import.meta.url).href;

/** Runs `file` with `args`. Resolves when the process has exited, with any exit code. */
export function runChild(file: URL, args: string[], cwd?: string): Promise<Finished> {
  return runMarked(process.execPath, ['--import', hooks, fileURLToPath(file), ...args], { cwd });
}
