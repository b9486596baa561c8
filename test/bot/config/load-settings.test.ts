// Tests the sources of settings, their precedence, and that all problems are reported at once.
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeSettings } from '../../../bot/config/describe-settings.ts';
import { loadSettings, type Problem, readSettings, SettingsError } from '../../../bot/config/load-settings.ts';
import { folderWith } from './folder.ts';

const feishuYaml = 'feishu:\n  app_id: cli_yaml\n  app_secret: secret-of-yaml\n  encrypt_key: key-of-yaml\n';

function problemsOf(files: Record<string, string>, env: NodeJS.ProcessEnv = {}): Problem[] {
  try {
    loadSettings({ env, dir: folderWith(files) });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('sources', () => {
  test('returns the defaults for an empty folder and environment', () => {
    const settings = loadSettings({ env: {}, dir: folderWith({}) });
    expect(settings).toEqual({
      PROFILE: 'embedded',
      SERVICE_NAME: 'clawdbot',
      COMMIT: 'unknown',
      SHUTDOWN_TIMEOUT_MS: 10_000,
      LAB_PORT: 18_800,
      HOST: '0.0.0.0',
      PORT: 18_789,
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: 18_790,
      TRUSTED_PROXIES: 'loopback',
      DATABASE_URL: 'sqlite:data/bot.db',
      FEISHU_BASE_URL: 'https://open.feishu.cn',
      DINGTALK_API_BASE_URL: 'https://api.dingtalk.com',
      DINGTALK_OAPI_BASE_URL: 'https://oapi.dingtalk.com',
      FEISHU_MESSAGES_PER_MINUTE: 1000,
      DINGTALK_MESSAGES_PER_SECOND: 20,
      FEISHU_INPUT: 'webhook',
      FEISHU_REPLY_FORMAT: 'auto',
      FEISHU_REPLY_MODE: 'auto',
      DINGTALK_INPUT: 'webhook',
      DINGTALK_REPLY_FORMAT: 'auto',
      MODEL_TIMEOUT_MS: 60_000,
      MODEL_FIRST_TOKEN_TIMEOUT_MS: 20_000,
      MODEL_CONTEXT_TOKENS: 8000,
      SENDER_RATE_LIMIT: 20,
      THINKING_AFTER_MS: 3000,
      GROUP_SESSION: 'topic',
      TIME_ZONE: 'Asia/Shanghai',
      CONVERSATION_RETENTION_DAYS: 90,
      OPERATORS: [],
      SESSION_TIMEOUT_SECONDS: 1800,
      CONTEXT_MAX_LENGTH: 10,
      SESSIONS_MAX: 200,
      INBOX_CONCURRENCY: 256,
      OUTBOX_CONCURRENCY: 64,
      LOG_DIR: 'data/log',
      LOG_LEVEL: 'info',
      SITE_ADDRESS: 'localhost',
      ELASTIC_VERSION: '8.19.20',
      PROMETHEUS_VERSION: 'v3.14.0',
      GRAFANA_VERSION: '13.1.0',
      MARIADB_VERSION: '10.11',
      CADDY_VERSION: '2',
      NODE_EXPORTER_VERSION: 'v1.12.1',
      JSON_EXPORTER_VERSION: 'v0.7.0',
      profile: 'embedded',
      apps: { feishu: [], dingtalk: [] },
      warnings: [expect.stringContaining('No platform is configured')],
    });
  });

  test.each([
    ['environment', { env: { SESSION_TIMEOUT_SECONDS: '1' } }, 1],
    ['.env', {}, 2],
    ['application.properties', { without: ['.env'] }, 3],
    ['default', { without: ['.env', 'application.properties'] }, 1800],
    ['.env when the environment is empty text', { env: { SESSION_TIMEOUT_SECONDS: '' } }, 2],
  ])(
    'session timeout from %s',
    (_source, { env = {}, without = [] }: { env?: object; without?: string[] }, expected) => {
      const files = { '.env': 'SESSION_TIMEOUT_SECONDS=2\n', 'application.properties': 'session.timeout=3\n' };
      const kept = Object.fromEntries(Object.entries(files).filter(([name]) => !without.includes(name)));
      const settings = loadSettings({ env: { ...env }, dir: folderWith(kept) });
      expect(settings.SESSION_TIMEOUT_SECONDS).toBe(expected);
    },
  );

  test.each([
    ['config.yaml', {}, '', 'cli_yaml'],
    ['.env over config.yaml', {}, 'FEISHU_APP_ID=cli_dotenv\n', 'cli_dotenv'],
    ['environment over both', { FEISHU_APP_ID: 'cli_env' }, 'FEISHU_APP_ID=cli_dotenv\n', 'cli_env'],
  ])('app id from %s', (_source, env, dotenv, expected) => {
    const settings = loadSettings({ env, dir: folderWith({ '.env': dotenv, 'config.yaml': feishuYaml }) });
    expect(settings.apps.feishu).toEqual([{ appId: expected, appSecret: 'secret-of-yaml', encryptKey: 'key-of-yaml' }]);
    expect(settings.FEISHU_APP_ID).toBe(expected);
  });

  test('reads context.max_length of application.properties', () => {
    const dir = folderWith({ 'application.properties': '# comment\ncontext.max_length = 4\n' });
    expect(loadSettings({ env: {}, dir }).CONTEXT_MAX_LENGTH).toBe(4);
  });

  test('reads a secret from a file that the environment or .env names, and trims it', () => {
    const dir = folderWith({
      '.env': 'FEISHU_APP_ID=cli_a\nFEISHU_ENCRYPT_KEY_FILE=key.txt\n',
      'key.txt': 'the-key\n',
      'secret.txt': '  the-secret \n',
    });
    const settings = loadSettings({ env: { FEISHU_APP_SECRET_FILE: join(dir, 'secret.txt') }, dir });
    expect(settings.apps.feishu).toEqual([{ appId: 'cli_a', appSecret: 'the-secret', encryptKey: 'the-key' }]);
  });

  test('profile full has the compose addresses of other services as defaults, and a set address has precedence', () => {
    const { settings, raw } = readSettings({
      env: { PROFILE: 'full', GRAFANA_URL: 'http://127.0.0.1:3000/' },
      dir: folderWith({}),
    });
    expect(settings?.ELASTICSEARCH_URL).toBe('http://elasticsearch:9200');
    expect(settings?.GRAFANA_URL).toBe('http://127.0.0.1:3000');
    expect(raw.ELASTICSEARCH_URL?.source).toBe('default of full');
  });
});

describe('apps from config.yaml', () => {
  test('reads several apps of a list and keeps numbers as text', () => {
    const yaml = `
feishu:
  - { app_id: cli_a, app_secret: secret-a, verification_token: "0012" }
  - { app_id: cli_b, app_secret: secret-b, encrypt_key: key-b }
dingtalk:
  - { app_key: 0123, app_secret: secret-c, token: token-c, aes_key: ${'a'.repeat(43)}, robot_code: robot-c }
`;
    const settings = loadSettings({ env: {}, dir: folderWith({ 'config.yaml': yaml }) });
    expect(settings.apps.feishu).toEqual([
      { appId: 'cli_a', appSecret: 'secret-a', verificationToken: '0012' },
      { appId: 'cli_b', appSecret: 'secret-b', encryptKey: 'key-b' },
    ]);
    expect(settings.apps.dingtalk).toEqual([
      { appKey: '0123', appSecret: 'secret-c', token: 'token-c', aesKey: 'a'.repeat(43), robotCode: 'robot-c' },
    ]);
  });

  test('puts the app of the environment first, in place of its entry in the list', () => {
    const yaml = 'dingtalk: [{app_key: one, app_secret: old-secret}, {app_key: two, app_secret: secret-2}]';
    const env = { DINGTALK_APP_KEY: 'one', DINGTALK_APP_SECRET: 'new-secret' };
    const settings = loadSettings({ env, dir: folderWith({ 'config.yaml': yaml }) });
    expect(settings.apps.dingtalk).toEqual([
      { appKey: 'one', appSecret: 'new-secret', robotCode: 'one' },
      { appKey: 'two', appSecret: 'secret-2', robotCode: 'two' },
    ]);
  });

  test('reads base_url of a mapping as the base URL of the platform', () => {
    const dir = folderWith({ 'config.yaml': `${feishuYaml}  base_url: https://open.larksuite.com/\n` });
    expect(loadSettings({ env: {}, dir }).FEISHU_BASE_URL).toBe('https://open.larksuite.com');
  });

  test('reads base_url of a list as the base URL of the platform', () => {
    const yaml = 'feishu: [{app_id: cli_a, app_secret: secret-a, encrypt_key: key-a, base_url: "http://lark"}]';
    expect(loadSettings({ env: {}, dir: folderWith({ 'config.yaml': yaml }) }).FEISHU_BASE_URL).toBe('http://lark');
  });

  test.each([
    ...['', '# only a comment\n', 'feishu:\ndingtalk:\n', 'feishu: ~\ndingtalk: null\n'],
    'feishu:\n  app_id: ~\n  encrypt_key: null\n',
  ])('accepts config.yaml without content: %j', (yaml) => {
    expect(problemsOf({ 'config.yaml': yaml })).toEqual([]);
  });
});

describe('every setting', () => {
  const sample: Record<string, string> = {
    PROFILE: 'lite',
    TRUSTED_PROXIES: 'uniquelocal',
    LOG_LEVEL: 'debug',
    FEISHU_INPUT: 'websocket',
    FEISHU_REPLY_FORMAT: 'post',
    FEISHU_REPLY_MODE: 'thread',
    DINGTALK_INPUT: 'stream',
    DINGTALK_REPLY_FORMAT: 'markdown',
    OPERATORS: 'feishu:ou_a,dingtalk:b',
    GROUP_SESSION: 'chat',
    TIME_ZONE: 'Europe/Berlin',
    DATABASE_URL: 'mysql://bot:password@db:3306/bot',
    DINGTALK_AES_KEY: 'b'.repeat(43),
    KIBANA_ENCRYPTION_KEY: 'k'.repeat(32),
    KIBANA_SYSTEM_PASSWORD: 'others',
    LOGSTASH_WRITER_PASSWORD: 'others',
    METRICS_READER_PASSWORD: 'others',
    MODEL_ENDPOINT_KEYS: 'a.example=other',
    HTTP_PROXY: 'http://other:3128',
    HTTPS_PROXY: 'http://other:3128',
    ALL_PROXY: 'http://other:3128',
  };
  // Settings that other settings require.
  const companions: NodeJS.ProcessEnv = {
    FEISHU_APP_ID: 'cli_a',
    FEISHU_APP_SECRET: 'secret-a',
    FEISHU_ENCRYPT_KEY: 'key-a',
    DINGTALK_APP_KEY: 'ding_a',
    DINGTALK_APP_SECRET: 'secret-d',
    DINGTALK_AES_KEY: 'a'.repeat(43),
    DINGTALK_TOKEN: 'token-a',
    MODEL_BASE_URL: 'https://model.example.com/v1',
    MODEL_FALLBACK_BASE_URL: 'https://backup.example.com/v1',
    ALERT_FEISHU_WEBHOOK: 'https://feishu.example.com/hook/1',
    ALERT_DINGTALK_WEBHOOK: 'https://dingtalk.example.com/robot/send',
  };

  test.each(describeSettings())('accepts a value for $name', ({ name, accepts }) => {
    const given =
      sample[name] ??
      (accepts.startsWith('a whole number') ? '777' : accepts.startsWith('a URL') ? 'http://other' : 'other');
    const settings = loadSettings({ env: { ...companions, [name]: given }, dir: folderWith({}) });
    expect(String(settings[name])).toBe(given);
  });

  test.each(describeSettings())('documents $name', (row) => {
    expect(row.doc).toMatch(/\.$/);
    expect(row.accepts).not.toBe('');
    expect(row.example).not.toBe('');
    expect(row.heading).not.toBe(row.group);
  });

  test.each(describeSettings().filter(({ accepts }) => !/^a (secret )?text$/.test(accepts)))(
    'rejects an invalid value for $name',
    ({ name, accepts, secret }) => {
      const wrong = name === 'LOG_DIR' ? '~/no such-value' : 'no such-value';
      const found = problemsOf({}, { ...companions, [name]: wrong });
      const [problem] = found.filter((each) => each.name === name);
      expect(problem?.problem).toContain(accepts);
      expect(problem?.fix).toContain(`Set ${name} to`);
      expect(problem?.problem.includes('no such-value')).toBe(!secret);
    },
  );
});

test('reports all problems of all sources at once, one per line', () => {
  const files = {
    '.env':
      'PORT=99999\nFEISHU_APPID=x\nELASTIC_VERSION=9.0.0\nCOMPOSE_PROJECT_NAME=a\nBOT_IMAGE=b\nVERSION=c\nnot a pair\n',
    'config.yaml': 'dingtalk:\n  app_key: abc\n  app_secrt: s\nfeishuu: {}\n',
    'application.properties': 'session.timeot=5\n',
  };
  const env = { MODEL_API_KEY: 'CHANGEME', LOG_LEVEL: 'loud', UNKNOWN_TO_US: '1' };
  const problems = problemsOf(files, env);
  expect(problems.map(({ name }) => name).sort()).toEqual([
    '.env line 7',
    'FEISHU_APPID',
    'LOG_LEVEL',
    'MODEL_API_KEY',
    'MODEL_API_KEY',
    'PORT',
    'dingtalk.app_secret',
    'dingtalk.app_secrt',
    'feishuu',
    'session.timeot',
  ]);
  const message = new SettingsError(problems).message;
  expect(message.split('\n')).toHaveLength(problems.length);
  for (const { name, fix } of problems)
    expect(message.split('\n').some((line) => line.includes(name) && line.includes(fix))).toBe(true);
});
