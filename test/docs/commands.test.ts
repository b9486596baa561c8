// Compares the commands and make targets that the pages name with the ones that exist, in both directions.
import { describe, expect, test } from '@jest/globals';
import { phrasesIn } from '../../bot/conversation/phrases.ts';
import { allCode, codeSpans, tableRows } from './markdown.ts';
import { markdownPages, readText } from './project-files.ts';
import { findNode, memberName, parseFile } from './source.ts';

const pages = markdownPages.filter((page) => page !== 'CHANGELOG.md');
const code = pages.flatMap((page) => allCode(readText(page)).map((text) => ({ page, text })));

const commandList = findNode(
  parseFile('ops/main.ts'),
  'VariableDeclarator',
  ({ id }) => id.type === 'Identifier' && id.value === 'COMMANDS',
)?.init;
const commands =
  commandList?.type === 'ObjectExpression'
    ? commandList.properties.flatMap((property) => memberName(property) ?? [])
    : [];

const makefile = readText('Makefile');
const targets = [...makefile.matchAll(/^([a-z][a-z-]*):.*## /gm)].map(([, name = '']) => name);
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readText('package.json'));

/** Targets that neither README.md nor CONTRIBUTING.md has to name, with the reason. */
const UNNAMED: Record<string, string> = {
  help: '`make` alone prints the same list',
  build: 'every target that needs the build depends on it',
  clean: 'removes only files that the next build writes again',
};

/** Calls of `pattern` in code, each with its page and the captured name. */
function namedBy(pattern: RegExp): { page: string; name: string }[] {
  return code.flatMap(({ page, text }) => [...text.matchAll(pattern)].map(([, name = '']) => ({ page, name })));
}

describe('commands of the command line', () => {
  test('are found in ops/main.ts', () => {
    expect(commands).toContain('diagnose');
  });

  /** Text of the row about `ops/` in the page's table of folders. */
  const rowOfOps = (page: string): string | undefined =>
    tableRows(readText(page), 'folder').find(([folder]) => folder?.includes('`ops/`'))?.[1];

  test.each([
    ['README.md', rowOfOps('README.md')],
    ['ARCHITECTURE.md', rowOfOps('ARCHITECTURE.md')],
    ['ops/README.md', tableRows(readText('ops/README.md'), 'folder').flat().join(' ')],
  ])('are all in %s', (_, text = '') => {
    expect(commands.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  test('that a page calls exist', () => {
    const called = namedBy(/(?:\.\/chatbot|npm run -s ops --) ([a-z]+)/g);
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter(({ name }) => !commands.includes(name))).toEqual([]);
  });
});

describe('make', () => {
  test.each(targets.filter((name) => !(name in UNNAMED)))('%s is in README.md or CONTRIBUTING.md', (name) => {
    const named = namedBy(/\bmake ([a-z-]+)/g).filter(({ page }) => page === 'README.md' || page === 'CONTRIBUTING.md');
    expect(named.map((call) => call.name)).toContain(name);
  });

  test('the unnamed targets exist', () => {
    expect(Object.keys(UNNAMED).filter((name) => !targets.includes(name))).toEqual([]);
  });

  test('targets that a page calls exist', () => {
    const called = namedBy(/(?:^|&& |[=a-zA-Z0-9] )make ([a-z][a-z-]*)/g);
    expect(called.filter(({ name }) => !targets.includes(name))).toEqual([]);
  });
});

test('npm scripts that a page calls exist', () => {
  const called = namedBy(/npm run (?:-s )?([a-z][a-z:-]*)/g);
  expect(called.filter(({ name }) => !(name in scripts))).toEqual([]);
});

test('docs/chat-commands.md lists the commands of /help, in English and Chinese', () => {
  const rows = tableRows(readText('docs/chat-commands.md'), 'command');
  const inHelp = (language: 'en' | 'zh') => Object.values(phrasesIn(language).help).map((line) => line.split(' ')[0]);
  expect(rows.flatMap(([command = '']) => codeSpans(command))).toEqual(inHelp('en'));
  expect(rows.flatMap(([, alias = '']) => codeSpans(alias))).toEqual(inHelp('zh'));
});
