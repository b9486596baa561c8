// Docker Compose itself reads the file: it is valid, and without secrets it refuses to do anything.
import { expect, test } from '@jest/globals';
import { spawnMarkedSync } from '../support/spawn-marked.ts';
import { composeText, ROOT } from './compose-file.ts';

const required = [...new Set([...composeText.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name = '']) => name))];

/** `docker compose config` without a .env file, with these variables alone. */
function config(args: string[], variables: Record<string, string>) {
  const { status, stderr } = spawnMarkedSync(
    'docker',
    ['compose', '--env-file', '/dev/null', 'config', '-q', ...args],
    {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...variables },
    },
  );
  return { status, stderr: stderr.trim() };
}

const secrets = Object.fromEntries(required.map((name) => [name, 'placeholder-0123456789']));

test('is valid with every secret set', () => {
  expect(config([], secrets)).toEqual({ status: 0, stderr: '' });
});

test('is valid without .env when variables are left alone', () => {
  expect(config(['--no-interpolate'], {})).toEqual({ status: 0, stderr: '' });
});

test.each(required)('an empty %s is refused with the remedy', (name) => {
  const { status, stderr } = config([], { ...secrets, [name]: '' });
  expect(status).not.toBe(0);
  expect(stderr).toContain(`required variable ${name} is missing a value: is empty in .env - run make up`);
});
