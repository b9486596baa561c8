// Generates passwords once and never changes them.

import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { settingFacts, settingNames } from '../../../bot/config/settings.ts';
import { fillSecrets, readOnlyComposeEnv } from '../../../ops/installation/compose-secrets.ts';
import { temporaryFolder } from '../process/stand-in.ts';

const NAMES = [
  'ELASTIC_PASSWORD',
  'KIBANA_SYSTEM_PASSWORD',
  'LOGSTASH_WRITER_PASSWORD',
  'METRICS_READER_PASSWORD',
  'KIBANA_ENCRYPTION_KEY',
  'MARIADB_PASSWORD',
  'MARIADB_ROOT_PASSWORD',
  'GRAFANA_ADMIN_PASSWORD',
  'GRAFANA_SECRET_KEY',
  'ALERT_RELAY_SECRET',
];

const read = (path: string) => ({ ...parseEnv(readFileSync(path, 'utf8')) });

test('fills a new file with a different secret for every name, readable by its owner only', () => {
  const path = join(temporaryFolder(), '.env');
  expect(fillSecrets(path, {})).toEqual(NAMES);
  const values = read(path);
  expect(Object.keys(values).sort()).toEqual(NAMES.toSorted());
  expect(new Set(Object.values(values)).size).toBe(NAMES.length);
  for (const value of Object.values(values)) expect(value).toMatch(/^[0-9a-f]{48}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('covers every secret of the compose file that the settings know', () => {
  const known = settingNames().filter((name) => settingFacts(name).composeOnly && settingFacts(name).secret);
  expect(NAMES).toEqual(expect.arrayContaining(known));
});

test('changes nothing on the second call', () => {
  const path = join(temporaryFolder(), '.env');
  fillSecrets(path, {});
  const before = readFileSync(path, 'utf8');
  expect(fillSecrets(path, {})).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('keeps values, comments and order, and fills empty assignments in place', () => {
  const path = join(temporaryFolder(), '.env');
  writeFileSync(path, '# mine\nELASTIC_PASSWORD=chosen\nMARIADB_PASSWORD=\nPORT=1', { mode: 0o644 });
  expect(fillSecrets(path, { GRAFANA_ADMIN_PASSWORD: 'of the environment' })).toEqual(
    NAMES.filter((name) => name !== 'ELASTIC_PASSWORD' && name !== 'GRAFANA_ADMIN_PASSWORD'),
  );
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(
    /^# mine\nELASTIC_PASSWORD=chosen\nMARIADB_PASSWORD=[0-9a-f]{48}\nPORT=1\nKIBANA_SYSTEM_PASSWORD=/,
  );
  expect(read(path)).not.toHaveProperty('GRAFANA_ADMIN_PASSWORD');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test.each<[string, (text: string) => Buffer]>([
  ['a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
])('keeps the values of a file with %s and rewrites it as plain UTF-8', (_name, encode) => {
  const path = join(temporaryFolder(), '.env');
  writeFileSync(path, encode('ELASTIC_PASSWORD=chosen\n# 注释\n'));
  expect(fillSecrets(path, {})).not.toContain('ELASTIC_PASSWORD');
  expect(readFileSync(path, 'utf8')).toMatch(/^ELASTIC_PASSWORD=chosen\n# 注释\nKIBANA_SYSTEM_PASSWORD=/);
});

test('rejects a file in GBK and leaves it unchanged', () => {
  const path = join(temporaryFolder(), '.env');
  const bytes = Buffer.from([0x23, 0xd7, 0xa2, 0xca, 0xcd, 0x0a]);
  writeFileSync(path, bytes);
  expect(() => fillSecrets(path, {})).toThrow(/not encoded in UTF-8\. Save it again/);
  expect(readFileSync(path)).toEqual(bytes);
});

test('writes through a symbolic link', () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, 'real.env'), '');
  symlinkSync('real.env', join(dir, '.env'));
  fillSecrets(join(dir, '.env'), {});
  expect(Object.keys(read(join(dir, 'real.env'))).sort()).toEqual(NAMES.toSorted());
});

test('gives placeholders to commands that start nothing, without creating the file', () => {
  const path = join(temporaryFolder(), '.env');
  const env = readOnlyComposeEnv(path, { PATH: '/bin', ELASTIC_PASSWORD: 'mine' });
  expect(env).toEqual({
    PATH: '/bin',
    ...Object.fromEntries(NAMES.map((name) => [name, 'not-set'])),
    ELASTIC_PASSWORD: 'mine',
  });
  expect(existsSync(path)).toBe(false);
});
