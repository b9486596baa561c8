// Checks that after `up`, files with secrets or personal data are readable by their owner only, in every profile.

import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fillSecrets } from '../../../ops/installation/compose-secrets.ts';
import { keepPrivate } from '../../../ops/process/keep-private.ts';
import { buildOps, runOps } from '../../support/built-ops.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';
import { temporaryFolder } from '../process/stand-in.ts';

/** Occupies the port of the embedded profile, so that `up` starts nothing. */
const occupant = createServer();

beforeAll(async () => {
  await buildOps();
  await once(occupant.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => void occupant.close());

const modeOf = (path: string) => statSync(path).mode & 0o777;

function file(path: string, mode: number, text = ''): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const embedded = () => ({ PROFILE: 'embedded', PORT: String((occupant.address() as AddressInfo).port) });

/** Cases in which `up` starts nothing: a port is in use, the docker command is missing, or a setting is invalid. */
const ENDS_EARLY: [string, () => Record<string, string>][] = [
  ['embedded', embedded],
  ['lite', () => ({ PROFILE: 'lite', PATH: '/nonexistent' })],
  ['full', () => ({ PROFILE: 'full', PATH: '/nonexistent' })],
  ['wrong settings', () => ({ PORT: 'many' })],
];

test.each(ENDS_EARLY)('removes rights of other users and reports it once: %s', async (_name, settings) => {
  const dir = temporaryFolder();
  const env = settings();
  const names = ['.env', 'config.yaml'];
  for (const name of names) file(join(dir, name), name === '.env' ? 0o644 : 0o660);
  const first = await runOps(['up'], { dir, env });
  expect(first.exitCode).not.toBe(0);
  expect(names.map((name) => modeOf(join(dir, name)))).toEqual([0o600, 0o600]);
  expect(first.stdout).toContain('.env was readable for other users of this machine (mode 0644)');
  expect(first.stdout).toContain('config.yaml was readable for other users of this machine (mode 0660)');
  expect((await runOps(['up'], { dir, env })).stdout).not.toContain('readable for other users');
});

test('leaves the rights of folders and pipes unchanged', () => {
  const dir = temporaryFolder();
  for (const name of ['.env', 'data']) mkdirSync(join(dir, name), { mode: 0o755 });
  const reported: string[] = [];
  const paths = ['.env', 'data', 'pipe'].map((name) => join(dir, name));
  spawnMarkedSync('mkfifo', ['-m', '644', join(dir, 'pipe')]);
  const before = paths.map(modeOf);
  keepPrivate(paths, (text) => reported.push(text));
  expect({ modes: paths.map(modeOf), reported }).toEqual({ modes: before, reported: [] });
});

test('protects the database of the embedded profile and its side files', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data'));
  const paths = ['', '-wal', '-shm'].map((end) => file(join(dir, `data/bot.db${end}`), 0o644));
  expect(await runOps(['up'], { dir, env: embedded() })).toMatchObject({ exitCode: 1 });
  expect(paths.map(modeOf)).toEqual([0o600, 0o600, 0o600]);
});

// Only root can change the owner of a file.
(process.getuid?.() === 0 ? test : test.skip)('keeps the owner of a file that root changes', () => {
  const path = file(join(temporaryFolder(), '.env'), 0o644, 'PORT=1\n');
  chownSync(path, 65_534, 65_534);
  fillSecrets(path, {});
  expect(statSync(path)).toMatchObject({ uid: 65_534, gid: 65_534 });
  expect(modeOf(path)).toBe(0o600);
});

test('leaves a private file alone, creates no missing file, and follows a link', () => {
  const dir = temporaryFolder();
  const [own, real] = [file(join(dir, 'own'), 0o400), file(join(dir, 'real'), 0o640)];
  symlinkSync('real', join(dir, 'link'));
  const reported: string[] = [];
  keepPrivate([own, join(dir, 'missing'), join(dir, 'link')], (text) => reported.push(text));
  expect([modeOf(own), modeOf(real), existsSync(join(dir, 'missing'))]).toEqual([0o400, 0o600, false]);
  expect(reported).toEqual([expect.stringContaining(join(dir, 'link'))]);
});
