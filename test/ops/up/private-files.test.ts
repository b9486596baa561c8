// Files with secrets or personal data belong to their owner alone after `up`, in every profile.
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { keepPrivate } from '../../../ops/process/keep-private.ts';
import { fillSecrets } from '../../../ops/up/compose-secrets.ts';
import { buildOps, runOps } from '../../support/built-ops.ts';
import { temporaryFolder } from '../process/stand-in.ts';

beforeAll(buildOps);

const modeOf = (path: string) => statSync(path).mode & 0o777;

function file(path: string, mode: number, text = ''): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** Starts nothing: one setting is wrong, or the docker command is missing. */
const ENDS_EARLY = {
  embedded: { PROFILE: 'embedded', HOST: '203.0.113.1', PORT: '1' },
  lite: { PROFILE: 'lite', PATH: '/nonexistent' },
  full: { PROFILE: 'full', PATH: '/nonexistent' },
  'wrong settings': { PORT: 'many' },
};

test.each(Object.entries(ENDS_EARLY))(
  '%s: wide rights are taken away and reported once',
  async (_name, env) => {
    const dir = temporaryFolder();
    const names = ['.env', 'config.yaml'];
    for (const name of names) file(join(dir, name), name === '.env' ? 0o644 : 0o660);
    const first = await runOps(['up'], { dir, env });
    expect(names.map((name) => modeOf(join(dir, name)))).toEqual([0o600, 0o600]);
    expect(first.stdout).toContain('.env was readable for other users of this machine (mode 0644)');
    expect(first.stdout).toContain('config.yaml was readable for other users of this machine (mode 0660)');
    expect((await runOps(['up'], { dir, env })).stdout).not.toContain('readable for other users');
  },
  60_000,
);

test('the database of the embedded profile, with the files beside it', async () => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data'));
  const paths = ['', '-wal', '-shm'].map((end) => file(join(dir, `data/bot.db${end}`), 0o644));
  await runOps(['up'], { dir, env: ENDS_EARLY.embedded });
  expect(paths.map(modeOf)).toEqual([0o600, 0o600, 0o600]);
});

// Only root can give files away.
(process.getuid?.() === 0 ? test : test.skip)('a file that root fills keeps its owner', () => {
  const path = file(join(temporaryFolder(), '.env'), 0o644, 'PORT=1\n');
  chownSync(path, 65_534, 65_534);
  fillSecrets(path, {});
  expect(statSync(path)).toMatchObject({ uid: 65_534, gid: 65_534 });
  expect(modeOf(path)).toBe(0o600);
});

test('a private file is left alone, a missing one is not made, a link leads to its file', () => {
  const dir = temporaryFolder();
  const [own, real] = [file(join(dir, 'own'), 0o400), file(join(dir, 'real'), 0o640)];
  symlinkSync('real', join(dir, 'link'));
  const said: string[] = [];
  keepPrivate([own, join(dir, 'missing'), join(dir, 'link')], (text) => said.push(text));
  expect([modeOf(own), modeOf(real), existsSync(join(dir, 'missing'))]).toEqual([0o400, 0o600, false]);
  expect(said).toEqual([expect.stringContaining(join(dir, 'link'))]);
});
