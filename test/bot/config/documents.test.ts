// Tests that the generated documents match the table of settings.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { describeSettings } from '../../../bot/config/describe-settings.ts';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { renderEnvExample } from '../../../ops/settings/env-example.ts';
import { renderSettingsPage } from '../../../ops/settings/settings-page.ts';
import { folderWith } from './folder.ts';

const rows = describeSettings();
const onDisk = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('.env.example is up to date and yields the defaults', () => {
  const text = onDisk('.env.example');
  expect(text).toBe(renderEnvExample(rows));
  const defaults = loadSettings({ env: {}, dir: folderWith({}) });
  expect(loadSettings({ env: {}, dir: folderWith({ '.env': text }) })).toEqual(defaults);
});

test('.env.example sets each setting once to its default, and comments out PROFILE and COMMIT', () => {
  const example = onDisk('.env.example');
  const open = rows.filter(({ leftOpen }) => leftOpen);
  const written = rows.filter(({ leftOpen }) => !leftOpen);
  const pairs = (some: typeof rows) => Object.fromEntries(some.map(({ name, defaultText }) => [name, defaultText]));
  expect({ ...parseEnv(example) }).toEqual(pairs(written));
  expect({ ...parseEnv(example.replaceAll(/^#(?=\w)/gm, '')) }).toEqual(pairs(rows));
  expect(open.map(({ name }) => name)).toEqual(['PROFILE', 'COMMIT']);
});

test('the settings page is up to date and lists all settings', () => {
  const text = onDisk('docs/settings.md');
  expect(text).toBe(renderSettingsPage(rows));
  const cells = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '));
  expect(cells).toEqual(
    rows.map(({ name, accepts, doc, secret, defaultText, composeDefault }) => [
      `\`${name}\``,
      composeDefault === undefined
        ? defaultText === ''
          ? 'none'
          : `\`${defaultText}\``
        : `none; with Compose \`${composeDefault}\``,
      accepts,
      secret ? `${doc} Secret.` : doc,
    ]),
  );
});
