// Log lines of a real process: format, redaction, files, and failures to write a file.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createLogger, type LogFields, type Logger } from '../../../bot/telemetry/logger.ts';
import { HOSTILE, HOSTILE_LINE, steering } from '../../ops/terminal/hostile.ts';
import { runChild } from './child/run-child.ts';

const newDir = (): string => mkdtempSync(join(tmpdir(), 'log-'));
const parse = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const linesOf = (dir: string, file = 'app.log') => parse(readFileSync(join(dir, file), 'utf8'));

function open(dir: string) {
  const counted: string[] = [];
  const log = createLogger({
    level: 'info',
    dir,
    secrets: [],
    service: { name: 'clawdbot', version: '1.2.3' },
    stdout: false,
    countLine: (level) => counted.push(level),
  });
  return { dir, counted, log };
}

async function logged(
  use: (log: Logger) => void,
): Promise<{ dir: string; lines: Record<string, unknown>[]; counted: string[] }> {
  const { dir, counted, log } = open(newDir());
  use(log);
  await log.close();
  return { dir, lines: linesOf(dir), counted };
}

describe('secrets', () => {
  // One secret is known by its value, the others are recognised by their shape.
  const known = 'plainly known value';
  const byShape = [
    't-g1044ghJRUIJJ5ELPAXX0001',
    'SEC0123456789abcdef0123',
    'eyJhbGciOiJI.eyJzdWIiOiIx.c2ln',
    'sk-0123456789abcdefgh',
  ];

  test('are redacted in every place of a line', async () => {
    const dir = newDir();
    const { code, stdout, stderr } = await runChild(new URL('./child/log-secrets.ts', import.meta.url), [
      dir,
      [known, ...byShape].join(','),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const written = {
      stdout,
      app: readFileSync(join(dir, 'app.log'), 'utf8'),
      callback: readFileSync(join(dir, 'callback.log'), 'utf8'),
    };
    for (const text of Object.values(written)) {
      for (const secret of [known, encodeURIComponent(known), ...byShape]) expect(text).not.toContain(secret);
      expect(text).toContain('[redacted]');
    }
    expect(parse(stdout)).toHaveLength(20);
    expect(parse(written.app)).toEqual(parse(stdout));
    expect(parse(written.callback)).toHaveLength(10);
  });
});

describe('a line', () => {
  const everything: LogFields = {
    'trace.id': 'a'.repeat(32),
    'event.action': 'push-attempted',
    'event.outcome': 'failure',
    'event.reason': 'network',
    'event.duration': 1_234_567,
    'http.response.status_code': 500,
    'chatbot.attempt': 2,
    'chatbot.platform': 'feishu',
    error: Object.assign(
      new Error('reply rejected', { cause: Object.assign(new Error('connect'), { code: 'ECONNRESET' }) }),
      { config: { headers: {} } },
    ),
  };

  test('has the ECS fields and the fields of the call', async () => {
    const { lines } = await logged((log) => log.error('push failed', everything));
    expect(lines).toEqual([
      {
        '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        'ecs.version': '8.10.0',
        'log.level': 'error',
        'log.logger': 'app',
        message: 'push failed',
        'event.id': expect.stringMatching(/^[\da-f-]{36}$/),
        'event.dataset': 'chatbot.app',
        'service.name': 'clawdbot',
        'service.version': '1.2.3',
        'trace.id': 'a'.repeat(32),
        'event.action': 'push-attempted',
        'event.outcome': 'failure',
        'event.reason': 'network',
        'event.duration': 1_234_567,
        'http.response.status_code': 500,
        'chatbot.attempt': 2,
        'chatbot.platform': 'feishu',
        'error.type': 'Error',
        'error.message': 'reply rejected: connect',
        'error.code': 'ECONNRESET',
        'error.stack_trace': expect.stringMatching(/^Error: reply rejected\n[\s\S]*\nCaused by: Error: connect\n/),
      },
    ]);
  });

  test('has no terminal controls in any field, and each field keeps its value', async () => {
    const { lines, dir } = await logged((log) =>
      log.info(HOSTILE, { 'chatbot.organisation': HOSTILE, [`chatbot.${HOSTILE_LINE}`]: [HOSTILE] }),
    );
    expect(steering(readFileSync(join(dir, 'app.log'), 'utf8'))).toEqual([]);
    expect(lines).toMatchObject([{ message: HOSTILE, 'chatbot.organisation': HOSTILE }]);
  });

  test('has no field that is both a value and the prefix of another, with any fields of the caller', async () => {
    const odd = {
      trace: { id: 'x' },
      'trace.id': 'y',
      level: 'fatal',
      '@timestamp': 'never',
      'log.level': 'x',
      'service.name': 'other',
      data_stream: { dataset: 'elsewhere' },
      error: 'text',
      user: 'u',
    };
    const { lines } = await logged((log) => log.info('odd', odd as unknown as LogFields)); // types forbid it
    const [line = {}] = lines;
    const keys = Object.keys(line);
    expect(keys.filter((key) => keys.some((other) => other.startsWith(`${key}.`)))).toEqual([]);
    expect(line).toMatchObject({
      'log.level': 'info',
      'service.name': 'clawdbot',
      'chatbot.data_stream.dataset': 'elsewhere',
      'chatbot.user': 'u',
      'error.message': 'text',
      'error.type': 'string',
    });
    expect(line['@timestamp']).not.toBe('never');
    expect(
      keys.filter((key) => !/^(@timestamp|message|(ecs|log|event|service|trace|error|chatbot)\..+)$/.test(key)),
    ).toEqual([]);
  });

  test.each<[string, unknown, Record<string, unknown>]>([
    ['undefined', undefined, {}],
    ['null', null, {}],
    ['a function', () => 1, {}],
    ['a big number', 12n, { 'chatbot.x': '12' }],
    ['not a number', Number.NaN, { 'chatbot.x': 'NaN' }],
    ['a date', new Date(0), { 'chatbot.x': '1970-01-01T00:00:00.000Z' }],
    ['bytes', Buffer.from('abc'), { 'chatbot.x': '3 bytes' }],
    ['a map', new Map([['a', 1]]), { 'chatbot.x.a': 1 }],
    ['a list', [1, 'a', null, [2]], { 'chatbot.x': [1, 'a', '{"item":[2]}'] }],
    ['a lone surrogate', 'a\ud800b', { 'chatbot.x': 'a\ufffdb' }],
    ['a line break', 'a\nb', { 'chatbot.x': 'a\nb' }],
    ['a long text', 'x'.repeat(100_000), { 'chatbot.x': `${'x'.repeat(8192)}… (cut)` }],
  ])('writes %s as a value', async (_name, value, expected) => {
    const { lines } = await logged((log) => log.info('value', { 'chatbot.x': value } as unknown as LogFields)); // types forbid most
    expect(Object.fromEntries(Object.entries(lines[0] ?? {}).filter(([key]) => key.startsWith('chatbot.')))).toEqual(
      expected,
    );
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const listCycle: unknown[] = [];
  listCycle.push(listCycle, { listCycle });
  const throwing = {
    get value(): string {
      throw new Error('cannot be read');
    },
  };
  test.each([
    ['a cycle', cycle],
    ['a cycle of lists', listCycle],
    ['a getter that throws', throwing],
    ['an object without a prototype', Object.create(null)],
    ['a proxy that throws', new Proxy({}, { ownKeys: () => [Symbol.iterator, 'x'], get: () => throwing.value })],
  ])('with %s loses at most this field', async (_name, value) => {
    const { lines } = await logged((log) => {
      const fields = { 'event.action': 'model-completed', 'chatbot.x': value };
      log.info('odd', fields as unknown as LogFields); // types forbid it
      log.info('next');
    });
    expect(lines.map(({ message, 'event.action': action }) => [message, action])).toEqual([
      ['odd', 'model-completed'],
      ['next', undefined],
    ]);
  });

  test('has the fields of a child logger and of its child; the nearest has precedence', async () => {
    const { lines } = await logged((log) => {
      const child = log.child({ 'trace.id': 'one', 'chatbot.platform': 'feishu' });
      child.child({ 'trace.id': 'two' }).warn('inner');
      child.warn('outer', { 'chatbot.platform': 'dingtalk' });
    });
    expect(lines.map((line) => [line.message, line['trace.id'], line['chatbot.platform']])).toEqual([
      ['inner', 'two', 'feishu'],
      ['outer', 'one', 'dingtalk'],
    ]);
  });

  test('below the level is neither written nor counted, and ids are unique', async () => {
    const { lines, counted } = await logged((log) => {
      log.debug('no');
      log.info('a');
      log.warn('b');
      log.error('c');
    });
    expect(lines.map((line) => line['log.level'])).toEqual(['info', 'warn', 'error']);
    expect(counted).toEqual(['info', 'warn', 'error']);
    expect(new Set(lines.map((line) => line['event.id'])).size).toBe(3);
  });
});

describe('files', () => {
  test('callback.log contains only callbacks and pushes; the first 64 bytes of both files differ', async () => {
    const { dir, lines } = await logged((log) => {
      log.info('callback answered', { 'event.action': 'callback-received' });
      log.info('push attempted', { 'event.action': 'push-attempted' });
      log.info('model answered', { 'event.action': 'model-completed' });
    });
    expect(lines.map((line) => line['event.action'])).toEqual([
      'callback-received',
      'push-attempted',
      'model-completed',
    ]);
    expect(linesOf(dir, 'callback.log')).toEqual(
      lines.slice(0, 2).map((line) => ({ ...line, 'log.logger': 'callback' })),
    );
    const starts = ['app.log', 'callback.log'].map((file) => readFileSync(join(dir, file), 'utf8').slice(0, 64));
    expect(starts[0]).not.toBe(starts[1]);
    expect(Math.min(...starts.map((start) => start.split('\n')[0]?.length ?? 0))).toBe(64);
  });

  test('both files exist from the start', async () => {
    const { dir, lines } = await logged(() => undefined);
    expect(readdirSync(dir).sort()).toEqual(['app.log', 'callback.log']);
    expect(lines).toEqual([]);
  });

  test('are only readable by owner and group', async () => {
    const { dir } = await logged((log) => log.info('a'));
    expect(statSync(join(dir, 'app.log')).mode & 0o777 & ~0o640).toBe(0);
  });

  test('after close and exit, every line is on stdout and in the rotated files, in order', async () => {
    const dir = newDir();
    const { code, stdout } = await runChild(new URL('./child/log-many.ts', import.meta.url), [dir, '2000', '150000']);
    expect(code).toBe(0);
    const numbers = (lines: Record<string, unknown>[]) => lines.map((line) => line['chatbot.attempt']);
    expect(numbers(parse(stdout))).toEqual([...Array(2000).keys()]);
    const files = ['app.4.log', 'app.3.log', 'app.2.log', 'app.1.log', 'app.log'].filter((name) =>
      readdirSync(dir).includes(name),
    );
    expect(files.length).toBeGreaterThan(3);
    expect(files.flatMap((file) => numbers(linesOf(dir, file)))).toEqual([...Array(2000).keys()]);
  });

  test('a folder that cannot be written is reported on stdout, and stdout has all lines', async () => {
    const file = join(newDir(), 'a-file');
    writeFileSync(file, '');
    const { code, stdout, stderr } = await runChild(new URL('./child/log-many.ts', import.meta.url), [
      join(file, 'log'),
      '3',
      '1000',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = parse(stdout);
    expect(lines.filter(({ message }) => message === 'a line')).toHaveLength(3);
    const warnings = lines.filter((line) => line['log.level'] === 'warn');
    expect(warnings.map((line) => [line['chatbot.log_file'], line['error.code']])).toEqual([
      [join(file, 'log', 'app.log'), 'ENOTDIR'],
      [join(file, 'log', 'callback.log'), 'ENOTDIR'],
    ]);
    expect(warnings[0]?.message).toContain('LOG_DIR');
  });

  /** Waits longer than the interval between two checks of a file. */
  const untilChecked = () => sleep(1_200);

  test('a file that fails at the last line is reported in the other file, and close resolves', async () => {
    const { dir, log } = open(newDir());
    await untilChecked();
    rmSync(join(dir, 'callback.log'));
    mkdirSync(join(dir, 'callback.log'));
    log.info('the last one', { 'event.action': 'callback-received' });
    await log.close();
    const lines = linesOf(dir);
    expect(lines.map(({ message }) => message)).toEqual(['the last one', expect.stringContaining('cannot be written')]);
    expect(lines[1]?.['chatbot.log_file']).toBe(join(dir, 'callback.log'));
  });

  test('a file that can be written again at the last line is reported, and close resolves', async () => {
    const dir = newDir();
    mkdirSync(join(dir, 'app.log'));
    const { log } = open(dir);
    await untilChecked();
    rmdirSync(join(dir, 'app.log'));
    log.info('the last one');
    await log.close();
    const messages = linesOf(dir).map(({ message }) => message);
    expect(messages).toEqual(['the last one', 'log file can be written again']);
  });

  test('lines after close are dropped without an error', async () => {
    const { lines } = await logged((log) => {
      log.info('before');
      log.close();
      log.info('after');
    });
    expect(lines.map(({ message }) => message)).toEqual(['before']);
  });
});
