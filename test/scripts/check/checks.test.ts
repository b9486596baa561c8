// The checks of make check on small repositories: each passes a clean one and names the fault of another.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../../ops/process/stand-in.ts';
import { buildOps, runBuilt } from '../../support/built-ops.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';

beforeAll(buildOps);

/** Writes tracked files to a new repository. */
async function repository(files: Record<string, string>) {
  const dir = temporaryFolder();
  spawnMarkedSync('git', ['init', '-q', dir], {});
  await write(dir, files);
  spawnMarkedSync('git', ['-C', dir, 'add', '-A'], {});
  return dir;
}

async function write(dir: string, files: Record<string, string>) {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
}

const checkIn = (dir: string, name: string) => runBuilt(`scripts/check/${name}.js`, [], { dir });
const check = async (name: string, files: Record<string, string>) => checkIn(await repository(files), name);

const FAULTY: [string, Record<string, string>][] = [
  ['folder-cycles', { 'bot/a/a.ts': "import '../b/b.ts';\n", 'bot/b/b.ts': "import '../a/a.ts';\n" }],
  ['writing', { 'bot/a.ts': '// Begins anew.\n' }],
  ['platform-names', { 'bot/a.ts': "export const a = 'feishu';\n" }],
];

describe.each(FAULTY)('%s', (name, files) => {
  test('checks a file that git does not track yet', async () => {
    const dir = await repository({});
    await write(dir, files);
    expect((await checkIn(dir, name)).exitCode).toBe(1);
  });

  test('leaves out an ignored file', async () => {
    const dir = await repository({ '.gitignore': 'bot/\n' });
    await write(dir, files);
    expect((await checkIn(dir, name)).exitCode).toBe(0);
  });

  test('leaves out a deleted file that git still tracks', async () => {
    const dir = await repository(files);
    await rm(join(dir, 'bot'), { recursive: true });
    const { exitCode, stderr } = await checkIn(dir, name);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});

describe('folder-cycles', () => {
  const a = "import { b } from '../b/b.ts';\nexport const a = b;\n";
  test.each([
    ['a value', "import { a } from '../a/a.ts';\nexport const b = () => a;\n"],
    ['a type', "import type { a } from '../a/a.ts';\nexport const b = {} as typeof a;\n"],
    ['an import on demand', "export const b = () => import('../a/a.ts');\n"],
  ])('names folders that import each other by %s', async (_name, b) => {
    const { exitCode, stdout } = await check('folder-cycles', { 'bot/a/a.ts': a, 'bot/b/b.ts': b });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('bot/a/a.ts → bot/b/b.ts\n  bot/b/b.ts → bot/a/a.ts');
  });

  test('names a circle through the folders below', async () => {
    const files = {
      'bot/a/x/x.ts': "import '../../b/y.ts';\n",
      'bot/b/y.ts': "import '../a/z.ts';\n",
      'bot/a/z.ts': '',
    };
    expect((await check('folder-cycles', files)).exitCode).toBe(1);
  });

  test('accepts imports in one direction, also of a file by its own folder', async () => {
    const files = { 'bot/a/a.ts': a, 'bot/b/b.ts': "import './c/c.ts';\nexport const b = 1;\n", 'bot/b/c/c.ts': '' };
    const { exitCode, stdout } = await check('folder-cycles', files);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^0 circles/) });
  });
});

describe('writing', () => {
  test.each([
    ['a comment', 'bot/a.ts', '// Returns what nobody told.\nexport const a = 1;\n', '"told"'],
    ['an opening', 'bot/a.ts', '/** Whether it is open. */\nexport const a = 1;\n', '"Whether"'],
    ['a message', 'bot/a.ts', "export const a = 'The call was refused by us.';\n", '"refused"'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text of the checked file
    ['a template', 'ops/a.ts', 'export const a = (n: number) => `All ${n} begin anew.`;\n', '"anew"'],
    ['a test title', 'test/a.test.ts', "test('nobody is asked', () => {});\n", '"nobody"'],
    ['a page', 'docs/a.md', '# A\n\nThe cause can be mended.\n', '"mended"'],
  ])('names a word in %s', async (_name, file, text, word) => {
    const { exitCode, stdout } = await check('writing', { [file]: text });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${file}:\\d+ +${word} → `, 'm'));
  });

  test.each([
    ['code', 'bot/a.ts', 'export const refused = (told: string) => told;\n'],
    ['code in a comment', 'bot/a.ts', '// Returns `refused` of the API.\nexport const a = 1;\n'],
    ['a refused connection', 'docs/a.md', 'The connection was refused by the port.\n'],
    ['a block of code', 'docs/a.md', '```\nnobody told\n```\n'],
    ['a string without a sentence', 'bot/a.ts', "export const a = 'refusal';\n"],
  ])('accepts %s', async (_name, file, text) => {
    const { exitCode, stdout } = await check('writing', { [file]: text });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.not.stringContaining('→') });
  });
});

describe('platform-names', () => {
  test('names code outside the folders of the platforms, and counts comments', async () => {
    const files = {
      'bot/a.ts': "// Feishu waits 3 s.\nexport const a = (id: string) => id === 'dingtalk';\n",
      'bot/platforms/feishu/b.ts': "export const b = 'feishu';\n",
    };
    const { exitCode, stdout } = await check('platform-names', files);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(
      "bot/a.ts:2  export const a = (id: string) => id === 'dingtalk';\n" +
        '1 lines of code and 1 of comments name a platform outside its folder.\n',
    );
  });
});
