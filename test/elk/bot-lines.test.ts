// Checks real lines of the bot's logger against the configuration of Filebeat, the ruby filter and the index template.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { LogFields } from '../../bot/telemetry/log-fields.ts';
import { createLogger } from '../../bot/telemetry/logger.ts';

/** Every field that the bot declares. A missing one is a type error. */
const ALL_FIELDS: { [K in keyof LogFields as K extends `chatbot.${string}` ? never : K]-?: LogFields[K] } = {
  'trace.id': '0af7651916cd43dd8448eb211c80319c',
  'event.action': 'push-attempted',
  'event.outcome': 'failure',
  'event.reason': 'rate_limited',
  'event.duration': 1_500_000,
  'http.request.method': 'POST',
  'http.request.body.bytes': 12,
  'http.response.status_code': 200,
  'url.path': '/feishu/verify',
  'url.domain': 'open.feishu.cn',
  'client.ip': '127.0.0.1',
  'error.code': '99991400',
  'error.message': 'too many requests',
  'error.type': 'PushError',
  error: new TypeError('broken', { cause: new Error('deep') }),
};

interface Mapping {
  properties?: Record<string, Mapping>;
}

const file = async (path: string) => readFile(fileURLToPath(new URL(`../../elk/${path}`, import.meta.url)), 'utf8');

let folder: string;
let names: string[];
let lines: string[];
/** Filebeat's input. */
let input: { paths: string[]; 'prospector.scanner.fingerprint': { length: number } };

beforeAll(async () => {
  [input] = parse(await file('filebeat/filebeat.yml'))['filebeat.inputs'];
  folder = await mkdtemp(join(tmpdir(), 'chatbot-lines-'));
  const service = { name: 'clawdbot', version: '0.1.0' };
  const log = createLogger({ level: 'info', dir: folder, secrets: [], service, stdout: false, maxBytes: 2000 });
  log.info('x');
  log.warn('push attempted', { ...ALL_FIELDS, 'chatbot.platform': 'feishu', 'chatbot.attempt': 2 });
  for (let count = 0; count < 20; count++) {
    log.info('fill the file until it is rotated', { 'chatbot.attempt': count });
    await new Promise(setImmediate); // lines of one turn of the event loop are written together
  }
  await log.close();
  names = await readdir(folder);
  const texts = await Promise.all(
    names.filter((name) => name.startsWith('app')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('Filebeat reads app.log under all names that rotation produces', () => {
  const globs = input.paths.map((glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`));
  const app = names.filter((name) => name.startsWith('app'));
  expect(app.length).toBeGreaterThan(1);
  expect(app.filter((name) => !globs.some((glob) => glob.test(`/var/log/bot/${name}`)))).toEqual([]);
});

test('the shortest line is at least as long as the fingerprint of Filebeat', () => {
  const shortest = Math.min(...lines.map((line) => Buffer.byteLength(line)));
  expect(shortest).toBeGreaterThanOrEqual(input['prospector.scanner.fingerprint'].length);
});

test('no two files begin with the same bytes', () => {
  const beginnings = lines.map((line) => line.slice(0, input['prospector.scanner.fingerprint'].length));
  expect(new Set(beginnings).size).toBe(lines.length);
});

test('every field passes the filter and has a mapping', async () => {
  const ruby = await file('logstash/ruby/chatbot.rb');
  const passed = [...ruby.matchAll(/^(?:OBJECTS|PLAIN) = %w\[(.+)\]/gm)].flatMap(([, names = '']) => names.split(' '));
  const { mappings }: { mappings: Mapping } = JSON.parse(await file('elasticsearch/index-template.json')).template;
  const isMapped = (field: string) =>
    field.split('.').reduce<Mapping | undefined>((mapping, key) => mapping?.properties?.[key], mappings) !== undefined;
  const fields = [...new Set(lines.flatMap((line) => Object.keys(JSON.parse(line))))];
  expect(fields.length).toBeGreaterThan(20);
  expect(fields.filter((field) => !passed.includes(field.split('.')[0] ?? ''))).toEqual([]);
  expect(fields.filter((field) => !isMapped(field))).toEqual([]);
});
