// The script ./chatbot: it compiles only if a source is newer than the build, and passes arguments and exit code on.
import { cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { spawnMarkedSync } from '../support/spawn-marked.ts';
import { temporaryFolder } from './process/stand-in.ts';

const root = projectRoot();

/** A checkout with the script, one source of one folder, and a build that only prints. The other folders are missing. */
function checkout() {
  const dir = temporaryFolder();
  for (const file of ['chatbot', 'scripts/build-if-stale.sh']) cpSync(join(root, file), join(dir, file));
  for (const folder of ['ops', 'dist/ops', 'node_modules/typescript'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'ops/main.ts'), '');
  writeFileSync(join(dir, 'dist/ops/main.js'), 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 3;');
  const scripts = { build: 'echo compiled && touch dist/.built' };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  const runWith = (args: string[], program = join(dir, 'chatbot'), PATH = process.env.PATH) => {
    const { status, stdout, stderr } = spawnMarkedSync(program, args, { cwd: '/', env: { PATH } });
    return { status, lines: stdout.trim().split('\n'), stderr };
  };
  const run = (program?: string, PATH?: string) => runWith(['outbox', 'retry', '17'], program, PATH);
  const age = (file: string, seconds: number) => {
    const time = new Date(Date.now() + seconds * 1_000);
    utimesSync(join(dir, file), time, time);
  };
  return { dir, run, runWith, age };
}

const ran = { status: 3, lines: ['outbox retry 17'], stderr: '' };
const compiled = { status: 3, lines: ['compiled', 'outbox retry 17'], stderr: '' };

test('compiles before the first run, and later only after a change of a source', () => {
  const { run, age } = checkout();
  age('ops/main.ts', -60);
  expect(run()).toEqual(compiled);
  expect(run()).toEqual(ran);
  age('ops/main.ts', 60);
  expect(run()).toEqual(compiled);
});

test('diagnoses with the last build, which a change of a source does not replace', () => {
  const { dir, runWith, age } = checkout();
  age('ops/main.ts', 60);
  expect(runWith(['diagnose', '-v'])).toEqual({ ...ran, lines: ['diagnose -v'] });
  rmSync(join(dir, 'dist/ops/main.js'));
  const message = 'The program is not built. Run: npm run build\n';
  expect(runWith(['diagnose'])).toEqual({ status: 2, lines: [''], stderr: message });
});

test('compiles if the search for newer sources fails, and prints the error', () => {
  const { dir, run, age } = checkout();
  age('ops/main.ts', -60);
  expect(run()).toEqual(compiled);
  const programs = temporaryFolder();
  writeFileSync(join(programs, 'find'), '#!/bin/sh\necho "find: out of memory" >&2\nexit 1\n', { mode: 0o755 });
  const failed = run(join(dir, 'chatbot'), `${programs}:${process.env.PATH}`);
  expect(failed).toEqual({ ...compiled, stderr: 'find: out of memory\n' });
});

test('runs through a symbolic link in another folder', () => {
  const { dir, run } = checkout();
  const link = join(temporaryFolder(), 'chatbot');
  symlinkSync(join(dir, 'chatbot'), link);
  expect(run(link)).toEqual(compiled);
});
