// Checks that the compose file and the settings have the same defaults, and that every setting reaches the bot.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { settingFacts, settingNames, settingsSchema } from '../../bot/config/settings.ts';
import { composeFile, composeText, mebibytes, ROOT } from './compose-file.ts';

const environment = composeFile.services.bot?.environment ?? {};
const ofCompose = settingNames().filter((name) => settingFacts(name).composeOnly);

describe('the bot', () => {
  // The lab never runs in the container, the image knows its own commit, and `ops` queries the services around the bot.
  const elsewhere = settingNames().filter(
    (name) => name === 'LAB_PORT' || name === 'COMMIT' || settingFacts(name).composeDefault,
  );

  test('gets every setting that it uses', () => {
    const used = settingNames().filter((name) => !ofCompose.includes(name) && !elsewhere.includes(name));
    expect(used.filter((name) => !(name in environment))).toEqual([]);
  });

  test('gets no other variable', () => {
    const known: string[] = [...settingNames(), 'NODE_OPTIONS'];
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('compose-only settings', () => {
  test.each(ofCompose.filter((name) => name.endsWith('_VERSION')))('%s has the same default in both places', (name) => {
    const defaults = [...composeText.matchAll(new RegExp(`\\$\\{${name}:-([^}]+)\\}`, 'g'))].map(([, value]) => value);
    expect(new Set(defaults)).toEqual(new Set([settingsSchema.shape[name].parse(undefined)]));
  });

  test.each(ofCompose)('%s is used', (name) => {
    expect(composeText).toContain(`\${${name}`);
  });
});

test('documents the limits of the compose file in docs/operations.md', () => {
  const page = readFileSync(`${ROOT}docs/operations.md`, 'utf8');
  const table = page.slice(page.indexOf('## Memory'), page.indexOf('## Ports'));
  for (const [name, { mem_limit = '' }] of Object.entries(composeFile.services)) {
    const row = table.split('\n').find((line) => line.startsWith('|') && line.split('|')[1]?.includes(name));
    expect({ name, limit: Number.parseInt(row?.split('|')[2] ?? '', 10) }).toEqual({
      name,
      limit: mebibytes(mem_limit),
    });
  }
});
