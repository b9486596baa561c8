// Runs a TypeScript file of the tests as a real process and keeps what it wrote.
import { fileURLToPath } from 'node:url';
import { type Finished, runMarked } from '../../../support/spawn-marked.ts';

const hooks = new URL('./ts-hooks.js', import.meta.url).href;

/** Resolves when the process has ended, whatever its exit code. */
export function runChild(file: URL, args: string[], cwd?: string): Promise<Finished> {
  return runMarked(process.execPath, ['--import', hooks, fileURLToPath(file), ...args], { cwd });
}
