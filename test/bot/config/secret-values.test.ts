// Tests that all secrets of an installation are redacted in logs, and that ordinary text is not.
import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { secretValues } from '../../../bot/config/secret-values.ts';
import { folderWith } from './folder.ts';

test('collects the secrets of settings, apps, addresses and files, longest first', () => {
  const yaml = 'feishu: [{app_id: cli_b, app_secret: yaml-secret, verification_token: yaml-token}]';
  const settings = loadSettings({
    env: {
      FEISHU_APP_ID: 'cli_a',
      FEISHU_APP_SECRET_FILE: 'secret.txt',
      FEISHU_ENCRYPT_KEY: 'encrypt-key',
      DATABASE_URL: 'mysql://bot:p%40ssword@db/bot',
      ALERT_DINGTALK_WEBHOOK: 'https://oapi.dingtalk.com/robot/send?access_token=robot-token',
      ALERT_FEISHU_WEBHOOK: 'https://open.feishu.cn/open-apis/bot/v2/hook/0123456789abcdef0123',
      ELASTICSEARCH_URL: 'http://elastic:elastic-pass@127.0.0.1:9200',
      MARIADB_PASSWORD: 'bot',
      MODEL_ENDPOINT_KEYS: 'a.example=tenant-key-a, b.example:8000=tenant-key-bb',
    },
    dir: folderWith({ 'config.yaml': yaml, 'secret.txt': 'file-secret\n' }),
  });
  expect(secretValues(settings)).toEqual([
    'https://open.feishu.cn/open-apis/bot/v2/hook/0123456789abcdef0123',
    'https://oapi.dingtalk.com/robot/send?access_token=robot-token',
    'a.example=tenant-key-a, b.example:8000=tenant-key-bb',
    '0123456789abcdef0123',
    'tenant-key-bb',
    'elastic-pass',
    'tenant-key-a',
    'file-secret',
    'encrypt-key',
    'robot-token',
    'yaml-secret',
    'p%40ssword',
    'yaml-token',
    'p@ssword',
  ]);
});

test('collects the token of a webhook that is set without its address', () => {
  const token = '0123456789abcdef'.repeat(4);
  const settings = loadSettings({ env: { ALERT_DINGTALK_WEBHOOK: token }, dir: folderWith({}) });
  expect(secretValues(settings)).toEqual([token]);
});

test('the default database address is no secret', () => {
  expect(secretValues(loadSettings({ env: {}, dir: folderWith({}) }))).toEqual([]);
});
