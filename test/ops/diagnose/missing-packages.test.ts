// The diagnosis in an installation whose packages are incomplete, such as after an interrupted `npm ci`.
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../../ops/installation/project-root.ts';
import { buildOps, builtTo } from '../../support/built-ops.ts';
import { runMarked } from '../../support/spawn-marked.ts';
import { createInstallation, type Installation } from '../data/installation.ts';
import { temporaryFolder } from '../process/stand-in.ts';

let here: Installation;

beforeAll(async () => {
  await buildOps();
  here = await createInstallation();
});
afterAll(() => here.remove());

/**
 * Copies the build to a folder with all packages but one, whose folder is empty. Returns its command line. Without the
 * empty folder, Node would search the packages of the parent folders.
 */
function programWithout(missing: string): string {
  const dir = temporaryFolder();
  cpSync(builtTo(), join(dir, 'dist'), { recursive: true });
  cpSync(join(projectRoot(), 'package.json'), join(dir, 'package.json'));
  const packages = join(projectRoot(), 'node_modules');
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync(packages).filter((each) => each !== missing))
    symlinkSync(join(packages, name), join(dir, 'node_modules', name));
  mkdirSync(join(dir, 'node_modules', missing));
  return join(dir, 'dist/ops/main.js');
}

async function diagnoseWithout(missing: string) {
  const env = { PATH: process.env.PATH, DATABASE_URL: `sqlite:${here.dir}/bot.db` };
  const argv = [programWithout(missing), 'diagnose', '--json', '--only', 'db'];
  return await runMarked(process.execPath, argv, { cwd: here.dir, env });
}

test('does not blame the database if its driver is missing', async () => {
  const { stdout, stderr } = await diagnoseWithout('libsql');
  expect(stderr).toBe('');
  const { primary, outcome, checks } = JSON.parse(stdout);
  expect({ primary, outcome }).toEqual({ outcome: 'undetermined' });
  const database = checks.find(({ id }: { id: string }) => id === 'db.connect');
  expect(database).toMatchObject({ status: 'unknown', reason: 'crash', code: 'ERR_MODULE_NOT_FOUND' });
  expect(database.summary).toContain('npm ci');
});

test('names a missing package without which nothing can be checked', async () => {
  const { code, stdout, stderr } = await diagnoseWithout('zod');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe('The package zod is missing or damaged. Install the packages again: npm ci\n');
});
