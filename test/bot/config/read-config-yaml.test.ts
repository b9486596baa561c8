// One app as a mapping, of a platform that has settings for some of its fields.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfigYaml } from '../../../bot/config/read-config-yaml.ts';
import { platforms } from '../../../bot/platforms/registry.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-yaml-'));
  const { feishu } = platforms;
  const fields = { app_id: undefined, app_secret: undefined };
  Object.assign(platforms, {
    other: { ...feishu, id: 'other', apps: { ...feishu.apps, fields, commonFields: { base_url: 'FEISHU_BASE_URL' } } },
  });
});
afterAll(() => rm(dir, { recursive: true }));

const read = async (yaml: string) => {
  await writeFile(join(dir, 'config.yaml'), yaml);
  const { values, apps, problems } = readConfigYaml(dir);
  return { settings: Object.entries(values).map(([name, { value }]) => [name, value]), apps: [...apps], problems };
};

test.each([
  ['feishu:\n  app_id: cli_a\n  base_url: https://a', ['FEISHU_APP_ID', 'FEISHU_BASE_URL'], undefined],
  ['other:\n  app_id: one', [], { app_id: 'one' }],
  ['other:\n  app_id: one\n  base_url: https://a', ['FEISHU_BASE_URL'], { app_id: 'one', base_url: 'https://a' }],
  ['other:\n  base_url: https://a', ['FEISHU_BASE_URL'], undefined],
  ['other:', [], undefined],
])('%j is read completely', async (yaml, settings, app) => {
  const found = await read(yaml);
  expect(found.problems).toEqual([]);
  expect(found.settings.map(([name]) => name)).toEqual(settings);
  expect(found.apps).toEqual(app ? [['other', [app]]] : []);
});

test('a mapping and a list of one app are read alike', async () => {
  const mapping = await read('other:\n  app_id: one\n  app_secret: two\n  base_url: https://a');
  await expect(read('other:\n- app_id: one\n  app_secret: two\n  base_url: https://a')).resolves.toEqual(mapping);
});
