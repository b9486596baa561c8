// Tests the ruby filter on the JRuby version of Logstash: runs its own tests, and lines as Filebeat sends them.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnMarked } from '../../support/spawn-marked.ts';

const here = fileURLToPath(new URL('./', import.meta.url));
const FILTER = fileURLToPath(new URL('../../../elk/logstash/ruby/chatbot.rb', import.meta.url));
const { XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;
const { TEST_SERVERS_CACHE = join(XDG_CACHE_HOME, 'chatbot-test-servers') } = process.env;
const { JRUBY_JAR = join(TEST_SERVERS_CACHE, 'jruby-complete-9.4.14.0.jar') } = process.env;

/** Runs the harness and resolves with its JSON lines. Rejects with the stderr of JRuby. One start takes seconds. */
async function jruby<T>(args: string[], events: object[] = []): Promise<T[]> {
  // Uses the fast compiler only, because the program runs for about a second.
  const options = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8', '-jar', JRUBY_JAR];
  const child = spawnMarked('java', [...options, join(here, 'run-filter.rb'), ...args]);
  child.stdin.end(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(err);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Changes that break the filter and must fail its own tests. */
const BREAKAGES = {
  'redaction is lost': ['rest.gsub(pattern) { "#{Regexp.last_match(1)}#{REDACTED}" }', 'rest'],
  'unknown fields stay': ['event.remove("[#{key}]")', 'nil'],
  'the id of the line is not used': ['return id if id.bytesize', 'return nil if id.bytesize'],
} as const;

describe('the tests inside the filter', () => {
  let folder: string;
  let results: { script: string; passed: boolean }[];

  const brokenScript = (name: string) => join(folder, `${name.replaceAll(' ', '-')}.rb`);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chatbot-jruby-'));
    const source = await readFile(FILTER, 'utf8');
    for (const [name, [code, broken]] of Object.entries(BREAKAGES)) {
      expect(source).toContain(code);
      await writeFile(
        brokenScript(name),
        source.replace(code, () => broken),
      );
    }
    results = await jruby(['test', FILTER, ...Object.keys(BREAKAGES).map(brokenScript)]);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const of = (script: string) => results.filter((result) => result.script === script).map(({ passed }) => passed);

  test('pass', () => {
    expect(of(FILTER)).toEqual(Array(8).fill(true));
  });

  test.each(Object.keys(BREAKAGES))('fail when %s', (name) => {
    expect(of(brokenScript(name))).toContain(false);
  });
});

/** Fields that Filebeat adds to every line. */
const FROM_FILEBEAT = {
  '@timestamp': '2026-11-22T09:00:00.000Z',
  agent: { id: 'a', name: 'filebeat', version: '8.19.20' },
  host: { name: 'filebeat' },
  input: { type: 'filestream' },
};
const FILE = { offset: 512, file: { path: '/var/log/bot/app.log', fingerprint: 'f1' } };

const LINE = {
  message: 'callback received',
  ecs: { version: '8.10.0' },
  event: { id: '0199', action: 'callback-received', outcome: 'success', duration: 1_200_000 },
  service: { name: 'clawdbot' },
  trace: { id: '0af7651916cd43dd8448eb211c80319c' },
  http: { response: { status_code: 200 } },
  chatbot: { platform: 'dingtalk', message_id: '消息', attempt: 1 },
  log: { level: 'info', ...FILE },
};
const NO_JSON = { ...FROM_FILEBEAT, message: 'Segmentation fault', log: FILE };

const SECRETS = [
  'Authorization: Bearer t-g1044abcdefghijklmnopqrstuvwxyz012345',
  'token t-g1044abcdefghijklmnopqrstuvwxyz012345 expired',
  'POST https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef0123456789abcdef',
  'https://oapi.dingtalk.com/robot/sendBySession?session=0123456789abcdef0123456789abcdef',
  'https://open.feishu.cn/open-apis/bot/v2/hook/01234567-89ab-cdef-0123-456789abcdef',
  'SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'Incorrect API key provided: sk-0123456789abcdef0123456789abcdef',
  '{"tenant_access_token":"t-0123456789abcdef","expire":7200}',
  'connect mysql://bot:0123456789abcdef@mariadb:3306/bot',
];

describe('lines from Filebeat', () => {
  let results: { id: string; event: object }[];

  beforeAll(async () => {
    const again = { ...NO_JSON, '@timestamp': '2026-11-22T09:05:00.000Z' };
    const later = { ...NO_JSON, log: { ...FILE, offset: 600 } };
    const planted = SECRETS.map((secret, index) => ({
      message: secret,
      event: { id: `line-${index}`, reason: secret },
      error: { message: secret, stack_trace: [`at ${secret}`] },
      chatbot: { note: { deep: [secret] } },
    }));
    results = await jruby(['filter', FILTER], [{ ...FROM_FILEBEAT, ...LINE }, NO_JSON, again, later, ...planted]);
  });

  test('keep the known fields only, and have their id', () => {
    expect(results[0]).toEqual({ id: '0199', event: { '@timestamp': FROM_FILEBEAT['@timestamp'], ...LINE } });
  });

  test('without JSON have the same id when sent again, and another id at another offset', () => {
    const [first, again, later] = results.slice(1, 4).map(({ id }) => id);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect([again === first, later === first]).toEqual([true, false]);
  });

  test('lose every secret in any field', () => {
    const planted = results.slice(4);
    expect(planted).toHaveLength(SECRETS.length);
    expect(JSON.stringify(planted)).not.toMatch(/0123456789abcdef|t-g1044|01234567-89ab/);
  });
});
