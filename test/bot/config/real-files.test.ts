// Settings files as editors, input methods and guides leave them: accepted as meant, or rejected with name and fix.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../bot/config/load-settings.ts';
import { folderWith } from './folder.ts';

const SECRET = 'Kp7fQz29TbWm';
const APP = `FEISHU_APP_ID=cli_a1b2c3\nFEISHU_APP_SECRET=${SECRET}\nFEISHU_ENCRYPT_KEY=Rv81xUeN\n`;

function read(files: Record<string, string | Buffer>, env: NodeJS.ProcessEnv = {}) {
  const dir = folderWith({});
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return readSettings({ env, dir });
}

/** Reads files and returns the value of one setting, or the texts of the problems. */
function settingOrProblems(files: Record<string, string | Buffer>, name: string, env: NodeJS.ProcessEnv = {}) {
  const { settings, problems } = read(files, env);
  return settings
    ? (settings as Record<string, unknown>)[name]
    : problems.map(({ problem, fix }) => `${problem} ${fix}`);
}

const utf16le = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();

describe('encodings', () => {
  test.each<[string, (text: string) => string | Buffer]>([
    ['UTF-8', (text) => text],
    ['UTF-8 with a byte order mark', (text) => `\ufeff${text}`],
    ['UTF-16LE of PowerShell 5', utf16le],
    ['UTF-16BE', utf16be],
    ['line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['a byte order mark and line ends of Windows', (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`],
    ['line ends of old Macs', (text) => text.replaceAll('\n', '\r')],
  ])('%s is read in all files', (_name, encode) => {
    const { settings, problems } = read(
      {
        '.env': encode(`# 注释\n${APP}`),
        'config.yaml': encode(`dingtalk:\n  app_key: ding1\n  app_secret: ${SECRET}\n`),
        'application.properties': encode('# 注释\nsession.timeout=30\ncontext.max_length=4\n'),
        'key.txt': encode('sk-of-a-file\n'),
      },
      { MODEL_API_KEY_FILE: 'key.txt', MODEL_BASE_URL: 'http://m/v1', MODEL_NAME: 'm' },
    );
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      apps: {
        feishu: [{ appId: 'cli_a1b2c3', appSecret: SECRET, encryptKey: 'Rv81xUeN' }],
        dingtalk: [{ appKey: 'ding1', appSecret: SECRET }],
      },
      SESSION_TIMEOUT_SECONDS: 30,
      CONTEXT_MAX_LENGTH: 4,
      MODEL_API_KEY: 'sk-of-a-file',
    });
  });

  const gbk = Buffer.from([0xd7, 0xa2, 0xca, 0xcd]); // 注释
  test.each(['.env', 'config.yaml', 'application.properties'])('rejects GBK in %s with the fix', (file) => {
    expect(settingOrProblems({ [file]: Buffer.concat([Buffer.from('# '), gbk, Buffer.from('\n')]) }, 'PORT')).toEqual([
      expect.stringMatching(new RegExp(`^${file.replace('.', '\\.')} is not encoded in UTF-8.*Save ${file} again`)),
    ]);
  });

  test.each(['', '\n', '\u200b \n', '""'])('reports an empty secret file by its setting: %j', (content) => {
    const files = { 'key.txt': content, '.env': 'MODEL_API_KEY_FILE=key.txt\nMODEL_BASE_URL=http://m\nMODEL_NAME=m\n' };
    expect(settingOrProblems(files, 'PORT')).toEqual([
      expect.stringMatching(/^MODEL_API_KEY_FILE names .*key\.txt, which is empty\. Write the secret into/),
    ]);
  });

  test('reports a secret file in GBK by its setting', () => {
    expect(settingOrProblems({ 'key.txt': gbk }, 'PORT', { ELASTIC_PASSWORD_FILE: 'key.txt' })).toEqual([
      expect.stringMatching(/^ELASTIC_PASSWORD_FILE .* is not encoded in UTF-8/),
    ]);
  });
});

describe('a line of .env', () => {
  test.each<[string, string, unknown]>([
    ['PORT=8080 ', 'PORT', 8080],
    ['  PORT = 8080', 'PORT', 8080],
    ['export PORT=8080', 'PORT', 8080],
    ['PORT=8080 # the port', 'PORT', 8080],
    ['PORT="8080" # the port', 'PORT', 8080],
    ['PORT＝8080', 'PORT', 8080],
    ['ＰＯＲＴ=８０８０', 'PORT', 8080],
    ['\u200bPORT\u200b=\u200b8080\u200b', 'PORT', 8080],
    ['\u00a0PORT\u3000=\u00a08080\u3000', 'PORT', 8080],
    ['PORT=“8080”', 'PORT', 8080],
    ['LOG_LEVEL=‘debug’', 'LOG_LEVEL', 'debug'],
    ['LOG_LEVEL=「debug」', 'LOG_LEVEL', 'debug'],
    ['LOG_LEVEL="debug”', 'LOG_LEVEL', 'debug'],
    ['LOG_LEVEL=＂debug＂', 'LOG_LEVEL', 'debug'],
    [`ELASTIC_PASSWORD=“${SECRET}”`, 'ELASTIC_PASSWORD', SECRET],
    [`ELASTIC_PASSWORD=${SECRET.slice(0, 4)}\u200b${SECRET.slice(4)}\ufeff`, 'ELASTIC_PASSWORD', SECRET],
    ['ELASTIC_PASSWORD=abc#def99', 'ELASTIC_PASSWORD', 'abc#def99'],
    ['ELASTIC_PASSWORD=#abcdef', 'ELASTIC_PASSWORD', '#abcdef'],
    ['ELASTIC_PASSWORD=#abcdef # mine', 'ELASTIC_PASSWORD', '#abcdef'],
    ['ELASTIC_PASSWORD= # none yet', 'ELASTIC_PASSWORD', undefined],
    ["ELASTIC_PASSWORD='abc #def'", 'ELASTIC_PASSWORD', 'abc #def'],
    ['ELASTIC_PASSWORD=`a\'"b-c`', 'ELASTIC_PASSWORD', 'a\'"b-c'],
    ['ELASTIC_PASSWORD=pass=word=', 'ELASTIC_PASSWORD', 'pass=word='],
    ['MODEL_SYSTEM_PROMPT="one\ntwo"', 'MODEL_SYSTEM_PROMPT', 'one\ntwo'],
    ['MODEL_SYSTEM_PROMPT="one\\ntwo"', 'MODEL_SYSTEM_PROMPT', 'one\ntwo'],
    ['MODEL_SYSTEM_PROMPT=说“你好”，👩‍🔧', 'MODEL_SYSTEM_PROMPT', '说“你好”，👩‍🔧'],
    ['MODEL_SYSTEM_PROMPT=Answer <name> ... your way', 'MODEL_SYSTEM_PROMPT', 'Answer <name> ... your way'],
    ['PORT=\nPORT=8080', 'PORT', 8080],
    ['PORT=8080\nPORT=8080', 'PORT', 8080],
    ['https_proxy=127.0.0.1:3128', 'HTTPS_PROXY', 'http://127.0.0.1:3128'],
  ])('%j gives %s', (line, name, value) => {
    expect(settingOrProblems({ '.env': `${line}\n` }, name)).toEqual(value);
  });

  test.each<[string, RegExp]>([
    ['PORT: 8080', /^\.env line 1 \(PORT\) has no "="/],
    [`ELASTIC_PASSWORD: ${SECRET}`, /^\.env line 1 \(ELASTIC_PASSWORD\) has no "="/],
    [`ELASTIC_PASSWORD：${SECRET}`, /^\.env line 1 \(ELASTIC_PASSWORD\) has no "="/],
    [`ELASTIC_PASSWORD ${SECRET}=x`, /^\.env line 1 \(ELASTIC_PASSWORD\) has no "="/],
    [`#\nset ELASTIC_PASSWORD=${SECRET}`, /^\.env line 2 \(set\) has no "="/],
    [
      `ELASTIC_PASSWORD="${SECRET}`,
      /^\.env line 1 \(ELASTIC_PASSWORD\) begins with a quotation mark that is not closed/,
    ],
    [`ELASTIC_PASSWORD="ab"${SECRET}`, /^\.env line 1 \(ELASTIC_PASSWORD\) continues after its closing/],
    [`ELASTIC_PASSWORD=“${SECRET}`, /^ELASTIC_PASSWORD begins or ends with a typographic quotation mark/],
    ['port=8080', /^port in \.env is not a setting.*Did you mean PORT\?/],
    ['PORT=1\n\nPORT=2', /^PORT is set twice in \.env, in lines 1 and 3, with different values.*Keep one/],
    ['PORT=1\nPORT=', /^PORT is set twice in \.env, in lines 1 and 2, and the last one empties it/],
    [`ELASTIC_PASSWORD=${SECRET}\nELASTIC_PASSWORD=other-one`, /^ELASTIC_PASSWORD is set twice/],
  ])('rejects %j with its line and fix, without a secret', (line, problem) => {
    const texts = settingOrProblems({ '.env': `${line}\n` }, 'PORT');
    expect(texts).toEqual([expect.stringMatching(problem)]);
    expect(String(texts)).not.toContain(SECRET);
  });
});

test.each([
  ['"quoted12"', 'quoted12'],
  ["'quoted12'", 'quoted12'],
  ['"two" and "two"', '"two" and "two"'],
  ['"open12', '"open12'],
])('removes quotation marks in the environment: %j', (value, meant) => {
  expect(settingOrProblems({}, 'ELASTIC_PASSWORD', { ELASTIC_PASSWORD: value })).toBe(meant);
});

describe('placeholders of guides are rejected', () => {
  test.each<[string, string]>([
    ['FEISHU_APP_ID', 'cli_xxx'],
    ['FEISHU_APP_ID', 'cli_xxxxxxxxxxxxxxxx'],
    ['DINGTALK_APP_KEY', 'dingxxxxxxxx'],
    ['DINGTALK_APP_KEY', '<AppKey>'],
    ['FEISHU_APP_SECRET', 'your_secret_here'],
    ['FEISHU_APP_SECRET', 'YOUR-APP-SECRET'],
    ['FEISHU_APP_SECRET', '填写你的密钥'],
    ['FEISHU_APP_SECRET', '<在此填写>'],
    ['FEISHU_APP_SECRET', '****************'],
    ['MODEL_API_KEY', 'sk-xxx'],
    ['MODEL_API_KEY', 'sk-...'],
    ['MODEL_API_KEY', 'sk-…'],
    ['MODEL_API_KEY', '$' + '{MODEL_API_KEY}'],
    ['MODEL_API_KEY', 'TODO'],
    ['ELASTIC_PASSWORD', 'changeme'],
    ['ELASTIC_PASSWORD', 'Change-Me-Now'],
    ['PUBLIC_URL', 'https://your-server-ip'],
    ['PUBLIC_URL', 'https://yourdomain.com'],
    ['PUBLIC_URL', 'https://<server-ip>'],
    ['MODEL_BASE_URL', 'https://xxx.openai.azure.com/openai/v1'],
    ['ALERT_FEISHU_WEBHOOK', 'https://open.feishu.cn/open-apis/bot/v2/hook/xxxxxxxx'],
    ['ALERT_DINGTALK_SECRET', 'SECxxxxxxxx'],
    ['OPERATORS', 'feishu:ou_xxx'],
    ['DATABASE_URL', 'mysql://bot:your_password@db:3306/bot'],
  ])('%s=%s', (name, value) => {
    const { problems } = read({ '.env': `${name}='${value}'\n` });
    const text = problems.filter((each) => each.name === name).map(({ problem, fix }) => `${problem} ${fix}`)[0];
    expect(text).toMatch(new RegExp(`^${name} still holds a placeholder.*Set ${name} to a value of your own`));
  });

  test('in a list of config.yaml, with the key of the entry', () => {
    const yaml = `feishu: [{app_id: cli_1, app_secret: ${SECRET}, encrypt_key: xxxxxx}]`;
    expect(settingOrProblems({ 'config.yaml': yaml }, 'PORT')).toEqual([
      expect.stringMatching(/^feishu\[0\]\.encrypt_key still holds a placeholder/),
    ]);
  });

  test.each(['Kq7<b>c9Ztr4', 'a<no>b-c', 'xaxbxcxdxexfxxgh', 'aVxXx9yourK', 'sk-xx12xx', 'cli_exxample1', 'A.B..C'])(
    'accepts %s',
    (value) => {
      expect(settingOrProblems({ '.env': `ELASTIC_PASSWORD=${value}\n` }, 'ELASTIC_PASSWORD')).toBe(value);
    },
  );
});

describe('config.yaml', () => {
  const app = `app_key: ding1\n  app_secret: ${SECRET}`;
  test.each<[string, string]>([
    ['a full-width colon', `dingtalk:\n  app_key：ding1\n  app_secret： ${SECRET}\n`],
    ['no-break and full-width indentation', `dingtalk:\n\u00a0\u00a0${app.replace('\n  ', '\n\u3000\u3000')}\n`],
    ['zero-width signs', `\u200bdingtalk:\n  app\u200b_key: ding1\u200b\n  app_secret: ${SECRET}\ufeff\n`],
    ['typographic quotes', `dingtalk:\n  app_key: “ding1”\n  app_secret: ‘${SECRET}’\n`],
    ['a comment behind a value', `dingtalk:\n  app_key: ding1 # key\n  app_secret: ${SECRET} # 密钥\n`],
    ['one line', `dingtalk: {app_key: ding1, app_secret: ${SECRET}}`],
  ])('%s', (_name, yaml) => {
    expect(settingOrProblems({ 'config.yaml': yaml }, 'apps')).toEqual({
      feishu: [],
      dingtalk: [{ appKey: 'ding1', appSecret: SECRET, robotCode: 'ding1' }],
    });
  });

  test.each<[string, string, RegExp]>([
    [
      'a tab',
      `dingtalk:\n\tapp_key: ding1\n`,
      /^line 2 of config\.yaml is indented by a tab, and YAML allows only spaces/,
    ],
    [
      'uneven indentation',
      `dingtalk:\n  app_key: a\n app_secret: ${SECRET}\n`,
      /^line 3 of config\.yaml is indented by/,
    ],
    ['a key twice', `dingtalk:\n  app_key: a\n  app_key: b\n`, /^line 3 of config\.yaml repeats a key/],
    [
      'no colon',
      `dingtalk:\n  app_key\n  app_secret: ${SECRET}\n`,
      /^line 2 of config\.yaml has no ": " after its key/,
    ],
    [
      'no space',
      `dingtalk:\n  app_key:a\n  app_secret: ${SECRET}\n`,
      /^line 2 of config\.yaml has no ": " after its key/,
    ],
    [
      'a value like an alias',
      `dingtalk:\n  app_key: a\n  app_secret: *${SECRET}\n`,
      /^line 3 of config\.yaml has a value that begins with/,
    ],
    [
      'a value like an anchor',
      `dingtalk:\n  app_key: a\n  app_secret: &${SECRET} x\n`,
      /^line 3 of config\.yaml has a value that begins with/,
    ],
    [
      'a value like a tag',
      `dingtalk:\n  app_key: a\n  app_secret: !${SECRET} x\n`,
      /^line 3 of config\.yaml has a value that begins with/,
    ],
    [
      'a value like a directive',
      `dingtalk:\n  app_key: a\n  app_secret: "${SECRET}\n`,
      /^line \d of config\.yaml lacks a closing/,
    ],
    [
      'a value in the braces of a template',
      `dingtalk:\n  app_key: a\n  app_secret: {{${SECRET}}}\n`,
      /^dingtalk\.app_secret in config\.yaml is not a text/,
    ],
    [
      'a colon in a value',
      `dingtalk:\n  app_key: a\n  app_secret: b: ${SECRET}\n`,
      /^line 3 of config\.yaml holds a second ": "/,
    ],
  ])('rejects %s with its line and without a secret', (_name, yaml, problem) => {
    const texts = settingOrProblems({ 'config.yaml': yaml }, 'PORT');
    expect(texts).toEqual([expect.stringMatching(problem)]);
    expect(String(texts)).not.toContain(SECRET);
    expect(String(texts)).not.toMatch(/[A-Z]{3,}_[A-Z]+/);
  });

  test.each<[string, string, RegExp]>([
    [
      'aes_key',
      'dingtalk:\n  app_key: a\n  app_secret: b1c2d3\n  token: t1\n  aes_key: short\n',
      /^dingtalk\.aes_key has 5 characters.*Copy dingtalk\.aes_key again/,
    ],
    [
      'a missing secret',
      'feishu:\n  app_id: cli_1\n  encrypt_key: k1\n',
      /^feishu\.app_id is set but feishu\.app_secret is not.*Set feishu\.app_secret/,
    ],
    [
      'base_url',
      `feishu:\n  app_id: cli_1\n  app_secret: ${SECRET}\n  encrypt_key: k1\n  base_url: open.feishu.cn\n`,
      /^feishu\.base_url: "open\.feishu\.cn" \(config\.yaml\) is not a URL.*example base_url: https:\/\/open\.feishu\.cn\./,
    ],
  ])('reports %s with the key in the file', (_name, yaml, problem) => {
    expect(settingOrProblems({ 'config.yaml': yaml }, 'PORT')).toEqual([expect.stringMatching(problem)]);
  });

  test('reports a missing field of an app in two sources by its setting', () => {
    const texts = settingOrProblems(
      { 'config.yaml': 'feishu:\n  encrypt_key: k1\n', '.env': 'FEISHU_APP_ID=cli_1\n' },
      'PORT',
    );
    expect(texts).toEqual([expect.stringMatching(/^FEISHU_APP_ID is set but FEISHU_APP_SECRET is not/)]);
  });
});

describe('application.properties', () => {
  test.each([
    'session.timeout＝30',
    'session.timeout：30',
    'session.timeout=“30”',
    'session.timeout = 30\u200b',
    'session.timeout 30',
    'session.timeout=３０',
  ])('%s', (line) => {
    expect(settingOrProblems({ 'application.properties': `${line}\n` }, 'SESSION_TIMEOUT_SECONDS')).toBe(30);
  });

  test.each<[string, RegExp]>([
    [
      'session.timeout=30m',
      /^session\.timeout: "30m" \(application\.properties\) is not a whole number.*example session\.timeout=1800/,
    ],
    [
      'session.timeout=30\nsession.timeout=60',
      /^session\.timeout is set twice in application\.properties, in lines 1 and 2/,
    ],
  ])('%j', (text, problem) => {
    expect(settingOrProblems({ 'application.properties': text }, 'PORT')).toEqual([expect.stringMatching(problem)]);
  });
});

test('parses fields of apps like their settings, also in a list', () => {
  const yaml = `feishu:\n  - app_id: cli_2,\n    app_secret: Bearer ${SECRET}\n    encrypt_key: Rv81xUeN\n`;
  const env = { FEISHU_APP_ID: 'cli_1，', FEISHU_APP_SECRET: `Bearer ${SECRET}`, FEISHU_ENCRYPT_KEY: 'Rv81xUeN' };
  const dingtalk = { DINGTALK_APP_KEY: 'ding1,', DINGTALK_APP_SECRET: `bearer ${SECRET}` };
  const { settings } = read({ 'config.yaml': yaml }, { ...env, ...dingtalk });
  expect(settings).toMatchObject({
    apps: {
      feishu: [
        { appId: 'cli_1', appSecret: SECRET },
        { appId: 'cli_2', appSecret: SECRET },
      ],
      dingtalk: [{ appKey: 'ding1', appSecret: SECRET, robotCode: 'ding1' }],
    },
  });
});

describe('addresses', () => {
  test.each<[string, string, unknown]>([
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1/chat/completions', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1/chat/completions/', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1/embeddings', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1/models', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'HTTPS://api.deepseek.com/v1/', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1，', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com/v1/chat/completions。', 'https://api.deepseek.com/v1'],
    ['MODEL_BASE_URL', 'https://api.deepseek.com;', 'https://api.deepseek.com'],
    ...[
      ',',
      '，',
      ';',
      '；',
      '.',
      '。',
      ':',
      '：',
      '!',
      '！',
      ')',
      '）',
      '>',
      '》',
      '】',
      '|',
      '`',
      "'",
      '"',
      '。）',
      ').',
    ].map((end): [string, string, string] => ['MODEL_BASE_URL', `https://a.example/v1${end}`, 'https://a.example/v1']),
    ['MODEL_BASE_URL', 'https://a.example/v1/chat/completions）。', 'https://a.example/v1'],
    ['MODEL_BASE_URL', 'http://[::1]', 'http://[::1]'],
    ['MODEL_BASE_URL', 'https://a.example/v1(eu)，', 'https://a.example/v1(eu)'],
    ['MODEL_BASE_URL', 'https://a.example.', 'https://a.example.'],
    ...[',', '，', '；', '。', '）', '.', '"'].map((end): [string, string, string] => [
      'ALERT_FEISHU_WEBHOOK',
      `https://a.example/open-apis/bot/v2/hook/0b1c-2d${end}`,
      'https://a.example/open-apis/bot/v2/hook/0b1c-2d',
    ]),
    [
      'ALERT_DINGTALK_WEBHOOK',
      'https://a.example/robot/send?access_token=0b1c2d，',
      'https://a.example/robot/send?access_token=0b1c2d',
    ],
    ['ALERT_DINGTALK_WEBHOOK', '0b1c2d0b1c2d0b1c2d，', '0b1c2d0b1c2d0b1c2d'],
    ['SITE_ADDRESS', 'https://bot.example.com', 'bot.example.com'],
    ['SITE_ADDRESS', 'bot.example.com:8443', 'bot.example.com:8443'],
    ['SITE_ADDRESS', 'bot.example.com, *.example.org', 'bot.example.com'],
    ['SITE_ADDRESS', '127.0.0.1', '127.0.0.1'],
    ['SITE_ADDRESS', ':443', ':443'],
    ['MODEL_NAME', 'qwen-plus，', 'qwen-plus'],
    ['MODEL_SPACE', 'ws-1,', 'ws-1'],
    ['DATABASE_URL', 'mysql://bot:p@数据库/bot', 'mysql://bot:p@数据库/bot'],
    ['MODEL_BASE_URL', 'http://[::1]:8000/v1', 'http://[::1]:8000/v1'],
    ['MODEL_API_KEY', 'Bearer sk-1234567890', 'sk-1234567890'],
    ['MODEL_API_KEY', 'bearer  sk-1234567890', 'sk-1234567890'],
    ['MODEL_BASE_URL', 'http://u:100%@localhost:8000/v1', 'http://u:100%@localhost:8000/v1'],
    ['PUBLIC_URL', 'https://bot.example.com/feishu/verify', 'https://bot.example.com'],
    ['PUBLIC_URL', 'https://bot.example.com/dingtalk/callback/', 'https://bot.example.com'],
    ['FEISHU_BASE_URL', 'https://open.larksuite.com/open-apis/', 'https://open.larksuite.com'],
    ['HOST', '[::1]', '::1'],
    ['HOST', '::', '::'],
    ['HOST', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['ADMIN_HOST', 'localhost', 'localhost'],
    ['HTTPS_PROXY', '127.0.0.1:3128', 'http://127.0.0.1:3128'],
    ['HTTPS_PROXY', 'proxy', 'http://proxy'],
    ['HTTPS_PROXY', 'user:50%off@proxy:3128', 'http://user:50%25off@proxy:3128'],
    ['HTTPS_PROXY', 'http://user:p%40ss@[::1]:3128/', 'http://user:p%40ss@[::1]:3128'],
    ['ALL_PROXY', 'https://proxy', 'https://proxy'],
    ['NO_PROXY', 'a.example，b.example', 'a.example,b.example'],
    ['NO_PROXY', 'https://a.example/v1; .b.example 10.0.0.0/8,fd00::/8,', 'a.example,.b.example,10.0.0.0/8,fd00::/8'],
  ])('accepts %s=%s', (name, value, meant) => {
    expect(settingOrProblems({}, name, { MODEL_BASE_URL: 'http://m', MODEL_NAME: 'm', [name]: value })).toEqual(meant);
  });

  test.each<[string, string, RegExp]>([
    ['MODEL_BASE_URL', 'api.deepseek.com/v1', /example MODEL_BASE_URL=https:\/\/api\.deepseek\.com\/v1\./],
    ['MODEL_BASE_URL', 'localhost:11434/v1', /example MODEL_BASE_URL=http:\/\/localhost:11434\/v1\./],
    ['MODEL_BASE_URL', '172.17.0.1:11434', /example MODEL_BASE_URL=http:\/\/172\.17\.0\.1:11434\./],
    ['MODEL_BASE_URL', 'host.docker.internal:11434', /example MODEL_BASE_URL=http:\/\/host\.docker\.internal:11434\./],
    ['MODEL_BASE_URL', '172.32.0.1', /example MODEL_BASE_URL=https:\/\/172\.32\.0\.1\./],
    ['MODEL_BASE_URL', 'ftp://a.example', /example MODEL_BASE_URL=https:\/\/api\.openai\.com\/v1\./],
    ['MODEL_BASE_URL', 'https://a.example,b.example/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'https://a.example;key/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'https://a/v1?key=1', /It has no \? or #/],
    ['MODEL_BASE_URL', 'https://https://a/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'http:/a/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'http://a:0/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'http://a:99999/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'http://[fe80::1%25eth0]/v1', /is not a URL/],
    ['MODEL_BASE_URL', 'http://a b/v1', /is not a URL/],
    ['HOST', 'http://0.0.0.0', /is not an IP address.*Leave out http/],
    ['HOST', '0.0.0.0:18789', /is not an IP address.*Leave out http:\/\/ and the port/],
    ['HOST', '*', /is not an IP address/],
    ['HOST', '300.1.1.1', /is not an IP address/],
    ['ADMIN_HOST', '[::1]:18790', /is not an IP address/],
    [
      'HTTPS_PROXY',
      'socks5://127.0.0.1:1080',
      /HTTPS_PROXY.*not the address of an HTTP proxy.*SOCKS proxies are not supported/,
    ],
    ['ALL_PROXY', 'socks5h://u:p@127.0.0.1:1080', /SOCKS proxies are not supported/],
    ['HTTP_PROXY', 'proxy.corp，', /not the address of an HTTP proxy/],
    ['HTTPS_PROXY', 'http://proxy.example;', /not the address of an HTTP proxy/],
    ['ALL_PROXY', 'http://tcp(proxy)', /not the address of an HTTP proxy/],
    ['HTTP_PROXY', 'http://:3128', /not the address of an HTTP proxy/],
    ['HTTP_PROXY', 'http://proxy:3128/path', /not the address of an HTTP proxy/],
    [
      'DATABASE_URL',
      'mysql://bot:pa/ss@db:3306/bot',
      /DATABASE_URL: the value.*Write \/ \? # of a password as %2F %3F %23/,
    ],
    ['DATABASE_URL', 'mysql://bot:12/34@db/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'mysql://bot:12#34@db/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'mysql://bot:p@db:0/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'postgres://bot:p@db/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'sqlite://data/bot.db', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'sqlite::memory:', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'sqlite:http://remote', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'mysql://bot:p@db，/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'mysql://bot:p@tcp(db)/bot', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'mysql://bot:p@db:3306/bot，', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'sqlite:data/bot.db，', /DATABASE_URL: the value/],
    ['DATABASE_URL', 'sqlite:~/bot.db', /A path must not begin with ~ or \$/],
    ['DATABASE_URL', 'sqlite:$HOME/bot.db', /A path must not begin with ~ or \$/],
    ...[
      'https://bot.example.com/',
      'bot.example.com/feishu',
      'bot.example.com.',
      'bot.example.com，',
      'a{b',
      '//b',
    ].map((value): [string, string, RegExp] => [
      'SITE_ADDRESS',
      value,
      /SITE_ADDRESS.*not a host name.*Leave out https:\/\//,
    ]),
    ...['KIBANA_SYSTEM_PASSWORD', 'LOGSTASH_WRITER_PASSWORD', 'METRICS_READER_PASSWORD'].map(
      (name): [string, string, RegExp] => [
        name,
        'ab1c5',
        /shorter than 6 characters, so Elasticsearch would reject it/,
      ],
    ),
    ['LOG_DIR', '~/log', /LOG_DIR: "~\/log".*without ~ and \$NAME/],
    ['LOG_DIR', '$HOME/log', /LOG_DIR: "\$HOME\/log".*without ~ and \$NAME/],
    ['TRUSTED_PROXIES', '0.0.0.0/0', /TRUSTED_PROXIES: "0\.0\.0\.0\/0"/],
    ['TRUSTED_PROXIES', 'loopback,::/0', /TRUSTED_PROXIES: "loopback,::\/0"/],
    ['TRUSTED_PROXIES', '10.0.0.1/000', /TRUSTED_PROXIES/],
    ['PORT', '018790', /PORT and ADMIN_PORT are both 18790/],
    ['DATABASE_URL', 'sqlite:data/', /DATABASE_URL: the value/],
    ['MODEL_API_KEY', 'sk-密钥12', /MODEL_API_KEY: the value.*is not a secret of ASCII letters/],
    ['MODEL_API_KEY', 'sk one', /is not a secret of ASCII letters/],
    ['MODEL_SPACE', 'ws 1', /MODEL_SPACE: "ws 1".*is not an identifier of ASCII/],
    ['MODEL_ENDPOINT_KEYS', 'a.example=密钥', /MODEL_ENDPOINT_KEYS has an entry that is not host=key/],
  ])('rejects %s=%s', (name, value, problem) => {
    const texts = settingOrProblems({}, 'PORT', { MODEL_BASE_URL: 'http://m', MODEL_NAME: 'm', [name]: value });
    expect(texts).toEqual([expect.stringMatching(problem)]);
  });

  test.each<[string, string]>([
    ['MODEL_BASE_URL', `https://u:${SECRET}@a/v1?x=1`],
    ['MODEL_BASE_URL', `https://a/v1?key=${SECRET}`],
    ['MODEL_BASE_URL', `ftp://u:${SECRET}'<"/@a/v1`],
    ['MODEL_BASE_URL', `u:${SECRET}@a.example/v1`],
    ['FEISHU_BASE_URL', `https://u:a/${SECRET}@a.example`],
    ['PUBLIC_URL', `https://u:${SECRET}@your-server-ip`],
    ['GRAFANA_URL', `admin:${SECRET}@grafana:3000`],
  ])('redacts the secret of %s=%s in the problem', (name, value) => {
    const texts = settingOrProblems({}, 'PORT', { MODEL_BASE_URL: 'http://m', MODEL_NAME: 'm', [name]: value });
    expect(texts).toEqual([expect.stringContaining('[redacted]')]);
    expect(String(texts)).not.toContain(SECRET);
  });

  test('validates a proxy that is set only by a lower-case name in the environment', () => {
    expect(settingOrProblems({}, 'PORT', { all_proxy: 'socks5://127.0.0.1:1080' })).toEqual([
      expect.stringMatching(/^ALL_PROXY/),
    ]);
  });
});
