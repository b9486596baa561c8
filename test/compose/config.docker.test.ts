// Checks with Docker Compose itself that the file is valid, and that it is rejected without secrets.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rewriteForCompose } from '../../ops/up/compose-lines.ts';
import { temporaryFolder } from '../ops/process/stand-in.ts';
import { spawnMarkedSync } from '../support/spawn-marked.ts';
import { composeText, ROOT } from './compose-file.ts';

const required = [...new Set([...composeText.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name = '']) => name))];

/** Runs `docker compose config` with only these variables, or with a .env file. */
function config(args: string[], variables: Record<string, string>, envFile = '/dev/null') {
  const { status, stderr } = spawnMarkedSync('docker', ['compose', '--env-file', envFile, 'config', '-q', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...variables },
  });
  return { status, stderr: stderr.trim() };
}

const secrets = Object.fromEntries(required.map((name) => [name, 'placeholder-0123456789']));

test('accepts the file if every secret is set', () => {
  expect(config([], secrets)).toEqual({ status: 0, stderr: '' });
});

test('accepts the file without .env if variables are not interpolated', () => {
  expect(config(['--no-interpolate'], {})).toEqual({ status: 0, stderr: '' });
});

test.each(required)('rejects an empty %s and names the fix', (name) => {
  const { status, stderr } = config([], { ...secrets, [name]: '' });
  expect(status).not.toBe(0);
  expect(stderr).toContain(`required variable ${name} is missing a value: is empty in .env - run make up`);
});

test.each([
  'PORT＝8080',
  '\u200bPORT=8080',
  'PORT\u3000=8080',
  '\u200b',
  'LOG_LEVEL="debug”',
  'ELASTIC_PASSWORD=pa${ssw',
  'ELASTIC_PASSWORD="pa${ssw"',
  "ELASTIC_PASSWORD='password\\'",
])('rejects %j in .env, and accepts it after `make up` has rewritten it', (line) => {
  const envFile = join(temporaryFolder(), '.env');
  writeFileSync(envFile, `${line}\n`);
  const read = () => config([], secrets, envFile);
  expect(read().stderr).toMatch(/unexpected character|unterminated quoted value|Invalid template/);
  rewriteForCompose(envFile);
  expect(read()).toEqual({ status: 0, stderr: '' });
});
