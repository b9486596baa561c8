// Checks that the environment takes precedence over values that `make up` passed to the bot, also for secrets in files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readInstalledSettings } from '../../../ops/installation/installed-settings.ts';
import { temporaryFolder } from '../process/stand-in.ts';

const MODEL = { MODEL_BASE_URL: 'http://m', MODEL_NAME: 'm' };

test.each([
  ['a value instead of a file', { MODEL_API_KEY_FILE: 'old.txt' }, { MODEL_API_KEY: 'new-key' }],
  ['a file instead of a value', { MODEL_API_KEY: 'old-key' }, { MODEL_API_KEY_FILE: 'new.txt' }],
])('reads %s', (_name, passedValues, env) => {
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data/run'), { recursive: true });
  writeFileSync(join(dir, 'data/run/environment.json'), JSON.stringify({ ...MODEL, ...passedValues }));
  for (const age of ['old', 'new']) writeFileSync(join(dir, `${age}.txt`), `${age}-key`);
  const { settings, problems } = readInstalledSettings({ env: { ...env }, dir });
  expect({ key: settings?.MODEL_API_KEY, problems }).toEqual({ key: 'new-key', problems: [] });
});
