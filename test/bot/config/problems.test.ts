// Tests the rules between settings: rejected settings with their texts, and warnings about weak settings.
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../bot/config/load-settings.ts';
import { folderWith } from './folder.ts';

const feishu = { FEISHU_APP_ID: 'cli_a', FEISHU_APP_SECRET: 'secret-a', FEISHU_ENCRYPT_KEY: 'key-of-a' };
const dingtalk = { DINGTALK_APP_KEY: 'ding_a', DINGTALK_APP_SECRET: 'secret-d' };
const KEY_43 = 'aB3'.repeat(14).concat('x');

const read = (env: NodeJS.ProcessEnv, files: Record<string, string> = {}) =>
  readSettings({ env, dir: folderWith(files) });

describe('rejected settings', () => {
  test.each<[string, NodeJS.ProcessEnv, string, RegExp]>([
    [
      'Feishu id alone',
      { FEISHU_APP_ID: 'x', FEISHU_ENCRYPT_KEY: 'key-of-a' },
      'FEISHU_APP_SECRET',
      /no reply would reach Feishu/,
    ],
    ['Feishu secret alone', { FEISHU_APP_SECRET: 'secret-a' }, 'FEISHU_APP_ID', /no Feishu app can be used/],
    [
      'no key to verify events',
      { ...feishu, FEISHU_ENCRYPT_KEY: '' },
      'FEISHU_ENCRYPT_KEY',
      /FEISHU_VERIFICATION_TOKEN.*forged/,
    ],
    ['DingTalk key alone', { DINGTALK_APP_KEY: 'x' }, 'DINGTALK_APP_SECRET', /no reply would reach DingTalk/],
    [
      '32 characters',
      { ...dingtalk, DINGTALK_TOKEN: 't', DINGTALK_AES_KEY: 'a'.repeat(32) },
      'DINGTALK_AES_KEY',
      /has 32 characters.*exactly 43.*"32".*bytes after decoding/,
    ],
    [
      '43 with a sign',
      { ...dingtalk, DINGTALK_TOKEN: 't', DINGTALK_AES_KEY: `${'a'.repeat(42)}=` },
      'DINGTALK_AES_KEY',
      /exactly 43/,
    ],
    ['aes_key without token', { ...dingtalk, DINGTALK_AES_KEY: KEY_43 }, 'DINGTALK_TOKEN', /could not be verified/],
    ['token without aes_key', { ...dingtalk, DINGTALK_TOKEN: 'token-a' }, 'DINGTALK_AES_KEY', /could not be decrypted/],
    ['model key alone', { MODEL_API_KEY: 'key-of-m' }, 'MODEL_API_KEY', /MODEL_BASE_URL is not.*offline model/],
    ['model name alone', { MODEL_NAME: 'm' }, 'MODEL_NAME', /offline model/],
    ['model space alone', { MODEL_SPACE: 's' }, 'MODEL_SPACE', /header would never be sent/],
    ['fallback alone', { MODEL_FALLBACK_BASE_URL: 'http://a' }, 'MODEL_FALLBACK_BASE_URL', /nothing to fall back from/],
    ['Feishu alert secret alone', { ALERT_FEISHU_SECRET: 'secret-a' }, 'ALERT_FEISHU_SECRET', /no alert would reach/],
    [
      'DingTalk alert secret alone',
      { ALERT_DINGTALK_SECRET: 'secret-a' },
      'ALERT_DINGTALK_SECRET',
      /no alert would reach/,
    ],
    ['the same port twice', { PORT: '18790' }, 'ADMIN_PORT', /both 18790/],
    ['a password that ends an address', { MARIADB_PASSWORD: 'p#ss12' }, 'MARIADB_PASSWORD', /could not log in/],
    ['a password with an escape', { MARIADB_PASSWORD: 'p%41ss12' }, 'MARIADB_PASSWORD', /could not log in/],
    ['a short key of Kibana', { KIBANA_ENCRYPTION_KEY: 'k'.repeat(31) }, 'KIBANA_ENCRYPTION_KEY', /shorter than 32/],
    ['placeholder', { ELASTIC_PASSWORD: 'changeme' }, 'ELASTIC_PASSWORD', /placeholder.*guess/],
    ['placeholder inside', { DATABASE_URL: 'mysql://bot:CHANGE_ME@db/bot' }, 'DATABASE_URL', /placeholder/],
    [
      'missing secret file',
      { ELASTIC_PASSWORD_FILE: '/no/such/file' },
      'ELASTIC_PASSWORD',
      /ELASTIC_PASSWORD_FILE names \/no\/such\/file.*ENOENT/,
    ],
    [
      'secret twice',
      { ELASTIC_PASSWORD: 'long-enough', ELASTIC_PASSWORD_FILE: '/dev/null' },
      'ELASTIC_PASSWORD',
      /both set/,
    ],
    ['mysql without database', { DATABASE_URL: 'mysql://db' }, 'DATABASE_URL', /is not sqlite:<path> or mysql:/],
    ['ftp', { MODEL_BASE_URL: 'ftp://a' }, 'MODEL_BASE_URL', /http:\/\/ or https:\/\//],
    ['a host alone', { PUBLIC_URL: 'bot.example.com' }, 'PUBLIC_URL', /http:\/\/ or https:\/\//],
    ['hexadecimal', { PORT: '0x50' }, 'PORT', /whole number/],
    ['every address as proxy', { TRUSTED_PROXIES: 'true' }, 'TRUSTED_PROXIES', /a list of loopback/],
    ['an invalid range', { TRUSTED_PROXIES: 'loopback, 10.0.0.0/33' }, 'TRUSTED_PROXIES', /a list of loopback/],
    ['negative', { PORT: '-1' }, 'PORT', /whole number/],
  ])('%s', (_name, env, name, problem) => {
    const { problems, settings } = read(env);
    expect(problems).toEqual([{ name, problem: expect.stringMatching(problem), fix: expect.stringContaining(name) }]);
    expect(settings).toBeUndefined();
  });

  test.each<[string, string, string, RegExp]>([
    [
      'an entry of a list by its index',
      'feishu: [{app_id: a, encrypt_key: key-of-a}]',
      'feishu[0].app_secret',
      /feishu\[0\].app_id is set/,
    ],
    [
      'an app listed twice',
      'dingtalk: [{app_key: a, app_secret: s}, {app_key: a, app_secret: s}]',
      'dingtalk[1].app_key',
      /listed before/,
    ],
    [
      'an unknown key of a list',
      'feishu: [{app_id: a, app_secret: s, encrypt_key: k, base_ur: u}]',
      'feishu[0].base_ur',
      /not a setting/,
    ],
    ['a mapping for a value', 'feishu: {app_id: {}}', 'feishu.app_id', /not a text/],
    ['a text for a mapping', 'dingtalk: abc', 'dingtalk', /not a mapping/],
    ['a text for the whole file', 'abc', 'config.yaml', /not a mapping/],
    ['broken YAML', 'feishu: [', 'config.yaml', /line 1/],
  ])('config.yaml: %s', (_name, yaml, name, problem) => {
    expect(read({}, { 'config.yaml': yaml }).problems).toEqual([
      {
        name,
        problem: expect.stringMatching(problem),
        fix: expect.stringContaining(name.replace(/^(\w+\[\d+\]).*/, '$1')),
      },
    ]);
  });

  test('suggests the most similar name for a mistyped one', () => {
    const { problems } = read({}, { '.env': 'FEISHU_ENCRYT_KEY=abc\n' });
    expect(problems.map(({ fix }) => fix)).toEqual([
      'Did you mean FEISHU_ENCRYPT_KEY? Rename FEISHU_ENCRYT_KEY or remove it.',
    ]);
  });

  test('rejects NAME_FILE for a setting that is no secret', () => {
    const { problems } = read({}, { '.env': 'DINGTALK_APP_KEY_FILE=x\n' });
    expect(problems.map(({ fix }) => fix)).toEqual([
      'Did you mean DINGTALK_APP_KEY? Rename DINGTALK_APP_KEY_FILE or remove it.',
    ]);
  });

  test('rejects two base URLs in one list', () => {
    const app = (id: string) => `{app_id: ${id}, app_secret: s, encrypt_key: k, base_url: "http://${id}"}`;
    const { problems } = read({}, { 'config.yaml': `feishu: [${app('a')}, ${app('b')}]` });
    expect(problems).toEqual([
      { name: 'FEISHU_BASE_URL', problem: expect.stringContaining('different values'), fix: expect.any(String) },
    ]);
  });

  test('problems contain no secret', () => {
    const env = {
      FEISHU_APP_SECRET: 'planted-1',
      DINGTALK_AES_KEY: 'planted-2',
      DATABASE_URL: 'planted-3',
      ALERT_FEISHU_WEBHOOK: 'planted-4',
    };
    expect(JSON.stringify(read(env).problems)).not.toContain('planted');
  });
});

test.each(['loopback', 'loopback,uniquelocal', '10.0.0.1, fd00::/8', '127.0.0.0/8'])(
  'accepts the proxies %s',
  (value) => {
    const { problems, settings } = read({ TRUSTED_PROXIES: value });
    expect({ problems, value: settings?.TRUSTED_PROXIES }).toEqual({ problems: [], value });
  },
);

test('accepts 0 for both ports, because each listener then gets a free port', () => {
  expect(read({ PORT: '0', ADMIN_PORT: '0' }).problems).toEqual([]);
});

describe('warnings', () => {
  test.each<[string, NodeJS.ProcessEnv, RegExp[]]>([
    ['none', { ...feishu, ...dingtalk }, []],
    ['no platform', {}, [/No platform/]],
    [
      'token only',
      { ...feishu, FEISHU_ENCRYPT_KEY: '', FEISHU_VERIFICATION_TOKEN: 'token-a' },
      [/cli_a has no FEISHU_ENCRYPT_KEY.*static token/],
    ],
    ['no model name', { ...feishu, MODEL_BASE_URL: 'http://m' }, [/MODEL_NAME is not set/]],
    ['plain http', { ...feishu, PUBLIC_URL: 'http://bot' }, [/PUBLIC_URL is not https/]],
    [
      'a separator behind a secret',
      { ...feishu, ...dingtalk, FEISHU_APP_SECRET: 'secret-a,', ELASTIC_PASSWORD: 'secret-e;' },
      [/FEISHU_APP_SECRET ends with ","/, /ELASTIC_PASSWORD ends with ";"/],
    ],
    ['short secret', { ...feishu, MARIADB_PASSWORD: 'bot' }, [/MARIADB_PASSWORD is shorter than 6/]],
  ])('%s', (_name, env, warnings) => {
    expect(read(env).settings?.warnings).toEqual(warnings.map((text) => expect.stringMatching(text)));
  });
});
