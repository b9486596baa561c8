// Passes the settings to the container as the bot reads them, from every source and independent of Compose's parsing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSettings, readSettings } from '../../../bot/config/load-settings.ts';
import { composeEnvironment, listedAppWarnings } from '../../../ops/installation/compose-environment.ts';
import { fillSecrets } from '../../../ops/installation/compose-secrets.ts';
import { temporaryFolder } from '../process/stand-in.ts';

const ENV = { PATH: process.env.PATH };

function folder(files: Record<string, string>): string {
  const dir = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Returns the environment of the Compose call for these files. */
function environment(files: Record<string, string>, env: NodeJS.ProcessEnv = ENV) {
  const dir = folder(files);
  return composeEnvironment(readSettings({ env, dir }).raw, env, []);
}

test.each<[string, string]>([
  ['se$cret12', 'se$cret12'],
  ['"se$cret12"', 'se$cret12'],
  ["'se$cret12'", 'se$cret12'],
  ['a$$b$1$', 'a$$b$1$'],
  ['`quoted12`', 'quoted12'],
  ['“quoted12”', 'quoted12'],
  ['#begins12', '#begins12'],
  ['a#b=c%d', 'a#b=c%d'],
  [' # the key of the bot', ''],
  ['secret12\t# with a tab', 'secret12'],
])('passes a value of .env as the bot reads it: %j', (written, meant) => {
  expect(environment({ '.env': `MODEL_BASE_URL=http://m/v1\nMODEL_API_KEY=${written}\n` }).MODEL_API_KEY).toBe(meant);
});

test('passes values of every source, and the environment takes precedence', () => {
  const files = {
    '.env': 'ELASTIC_PASSWORD_FILE=elastic.txt\nPORT=1\nHTTPS_PROXY=http://proxy:3128\n',
    'elastic.txt': 'of-a-file-1\n',
    'config.yaml': 'feishu:\n  app_id: cli_a1\n  app_secret: se$cret12\n  encrypt_key: key12345\n',
    'application.properties': 'session.timeout=60\n',
  };
  const given = environment(files, { ...ENV, PORT: '2' });
  expect(given).toMatchObject({
    ...{ FEISHU_APP_ID: 'cli_a1', FEISHU_APP_SECRET: 'se$cret12', SESSION_TIMEOUT_SECONDS: '60' },
    ...{ ELASTIC_PASSWORD: 'of-a-file-1', PORT: '2', PATH: ENV.PATH },
  });
  expect(given).not.toHaveProperty('HTTPS_PROXY');
});

test('generates no secret that is set by a file', () => {
  const dir = folder({ '.env': 'ELASTIC_PASSWORD_FILE=elastic.txt\n', 'elastic.txt': 'of-a-file-1' });
  const { raw } = readSettings({ env: ENV, dir });
  expect(fillSecrets(join(dir, '.env'), composeEnvironment(raw, ENV, []))).not.toContain('ELASTIC_PASSWORD');
  expect(readSettings({ env: ENV, dir }).problems).toEqual([]);
});

test('leaves a generated secret out of the environment', () => {
  expect(composeEnvironment({}, ENV, ['ELASTIC_PASSWORD'])).not.toHaveProperty('ELASTIC_PASSWORD');
});

test.each([
  ['feishu:\n  app_id: cli_a1\n  app_secret: secret12\n  encrypt_key: key12345\n', 0],
  ['dingtalk:\n  - app_key: ding1\n    app_secret: secret12\n', 1],
])('warns of apps in a list: %j', (yaml, count) => {
  const dir = folder({ 'config.yaml': yaml });
  expect(listedAppWarnings(loadSettings({ env: ENV, dir }), readSettings({ env: ENV, dir }).raw)).toHaveLength(count);
});
