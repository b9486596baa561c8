// Makes every .env that `settings check` accepts readable for Compose.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../bot/config/load-settings.ts';
import { fillSecrets } from '../../../ops/installation/compose-secrets.ts';
import { rewriteForCompose } from '../../../ops/up/compose-lines.ts';
import { temporaryFolder } from '../process/stand-in.ts';

function folder(text: string): { dir: string; path: string } {
  const dir = temporaryFolder();
  const path = join(dir, '.env');
  writeFileSync(path, text);
  return { dir, path };
}

const read = (dir: string) => readSettings({ env: {}, dir });

describe('a line that Compose cannot read', () => {
  test.each([
    ['PORT＝8080 # the port', 'PORT=8080 # the port'],
    ['\u200bPORT\u200b=\u200b8080', 'PORT=\u200b8080'],
    ['\u00a0PORT\u3000=\u00a08080\u3000', 'PORT=8080'],
    ['export\u00a0PORT=8080', 'PORT=8080'],
    ['ＰＯＲＴ＝８０８０', 'PORT=８０８０'],
    ['LOG_LEVEL="debug”', `LOG_LEVEL='"debug”'`],
    ["LOG_LEVEL='debug’", 'LOG_LEVEL="\'debug’"'],
    ['MODEL_SYSTEM_PROMPT=Say ${a greeting', "MODEL_SYSTEM_PROMPT='Say ${a greeting'"],
    ['MODEL_SYSTEM_PROMPT="one ${\ntwo"', "MODEL_SYSTEM_PROMPT='one ${\ntwo'"],
    ['ELASTIC_PASSWORD=pa${ssw # mine', "ELASTIC_PASSWORD='pa${ssw'"],
    ["ELASTIC_PASSWORD='password\\'", 'ELASTIC_PASSWORD=password\\'],
    ['ELASTIC_PASSWORD="password\\"', 'ELASTIC_PASSWORD=password\\'],
  ])('%j becomes %j', (written, becomes) => {
    const { dir, path } = folder(`# mine\n${written}\nLAB_PORT=1 # last`);
    const before = read(dir);
    expect(before.problems).toEqual([]);
    expect(rewriteForCompose(path)).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe(`# mine\n${becomes}\nLAB_PORT=1 # last`);
    expect(read(dir).settings).toEqual(before.settings);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(rewriteForCompose(path)).toEqual([]);
  });

  test('removes invisible characters from empty lines and in front of comments', () => {
    const { path } = folder("\u200b\n \ufeff \u2060# mine\nMODEL_SYSTEM_PROMPT='one\n\u200b\ntwo'\n");
    rewriteForCompose(path);
    expect(readFileSync(path, 'utf8')).toBe("\n# mine\nMODEL_SYSTEM_PROMPT='one\n\u200b\ntwo'\n");
  });

  test('names a value that Compose cannot read in any form, without showing it', () => {
    const { path } = folder("#\nELASTIC_PASSWORD=`it's ${pass`\n");
    expect(() => rewriteForCompose(path)).toThrow(
      /^Docker Compose cannot read the value of ELASTIC_PASSWORD in line 2 of \.env: [^']*$/,
    );
  });
});

test.each([
  'PORT = 8080 # the ${port',
  'export PORT=8080',
  'ELASTIC_PASSWORD=se$cret$(1)#2',
  'ELASTIC_PASSWORD="se$cret1" # x',
  'ELASTIC_PASSWORD=`quoted12`',
  'ELASTIC_PASSWORD=“quoted12”',
  "MODEL_SYSTEM_PROMPT='one ${\ntwo'",
  'MODEL_SYSTEM_PROMPT="one\ntwo"',
  '  # PORT＝1 ${\n\nPORT=',
])('leaves %j unchanged', (text) => {
  const { path } = folder(`${text}\n`);
  expect(rewriteForCompose(path)).toEqual([]);
  expect(readFileSync(path, 'utf8')).toBe(`${text}\n`);
});

test('creates no file if there is none', () => {
  expect(rewriteForCompose(join(temporaryFolder(), '.env'))).toEqual([]);
});

describe('generated secrets', () => {
  test('are set at both places if the example was copied twice, and the settings stay valid', () => {
    const { dir, path } = folder('MARIADB_PASSWORD=\nPORT=1\nMARIADB_PASSWORD=\n');
    expect(fillSecrets(path, {})).toContain('MARIADB_PASSWORD');
    expect(read(dir).problems).toEqual([]);
    expect(fillSecrets(path, {})).toEqual([]);
  });

  test.each(['“”', '""', '\u200b', "''"])('replace the empty value %j', (value) => {
    const { dir, path } = folder(`ELASTIC_PASSWORD=${value}\n`);
    expect(fillSecrets(path, {})).toContain('ELASTIC_PASSWORD');
    expect(read(dir).raw.ELASTIC_PASSWORD?.value).toMatch(/^[0-9a-f]{48}$/);
  });
});
