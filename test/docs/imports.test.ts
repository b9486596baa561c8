// Compares the tables of allowed imports in ARCHITECTURE.md with the lint rules and with the actual imports.
import { describe, expect, test } from '@jest/globals';
import { importsOf } from '../../scripts/check/source-texts.ts';
import { importRules, type RoomRule, type Side } from './import-rules.ts';
import { codeSpans, section, tableRows } from './markdown.ts';
import { foldersIn, projectFiles, readText } from './project-files.ts';

const chapter = section(readText('ARCHITECTURE.md'), 'Direction of imports');
const sides: [Side, string][] = [
  ['bot', 'room of `bot/`'],
  ['ops', 'room of `ops/`'],
];

/** The cell of the table for one rule. */
function cellOf({ allowed, outside }: RoomRule, roomCount: number): string {
  const names = [...allowed, ...outside.map((folder) => `${folder}/`)];
  if (names.length === 0) return 'nothing';
  return allowed.length === roomCount - 1 ? 'every room' : names.map((name) => `\`${name}\``).join(', ');
}

describe.each(sides)('%s/', (side, firstColumn) => {
  const rules = importRules(side);
  const rooms = foldersIn(side);

  test('every room has one rule', () => {
    expect(rules.map(({ room }) => room).sort()).toEqual([...rooms].sort());
  });

  test(`every room has a line in ${side}/README.md`, () => {
    const page = readText(`${side}/README.md`);
    const listed = codeSpans(page).filter((code) => code.endsWith('/'));
    expect(rooms.filter((room) => !listed.includes(`${room}/`))).toEqual([]);
  });

  test('the table has the rules of the linter', () => {
    const documented = tableRows(chapter, firstColumn).map(([room = '', cell = '']) => [codeSpans(room).join(), cell]);
    const expected = rules.map((rule) => [rule.room, cellOf(rule, rooms.length)]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });

  test.each(rules.map((rule) => [rule.room, rule] as const))('the message for %s names the same rooms', (_, rule) => {
    const [, list] = /may import only ([a-z-]+(?:, (?!and )[a-z-]+)*)/.exec(rule.message) ?? [];
    const isComplete = rule.allowed.length === rooms.length - 1;
    expect(list?.split(', ') ?? []).toEqual(isComplete ? [] : rule.allowed);
  });
});

/** Names of the rooms of `bot/` that the sources below `folder` import. */
function roomsOfBotUsedIn(folder: string): string[] {
  const sources = projectFiles.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ts'));
  const imported = sources.flatMap((path) => importsOf(path, readText(path)));
  return [
    ...new Set(imported.filter((path) => path.startsWith('bot/')).map((path) => path.split('/')[1] ?? '')),
  ].sort();
}

test.each([
  ['ops', /`ops\/` imports only (.*?);/s],
  ['elk', /`elk\/` only (.*?);/s],
])('names the rooms of bot/ that %s imports', (folder, sentence) => {
  expect(codeSpans(sentence.exec(chapter)?.[1] ?? '')).toEqual(roomsOfBotUsedIn(folder));
});

test.each(['grafana', 'ops/lab'])('%s imports nothing of bot/, as the page states', (folder) => {
  expect(chapter).toMatch(new RegExp(`\`${folder}/?\`(?: imports)? nothing`));
  expect(roomsOfBotUsedIn(folder)).toEqual([]);
});

test('bot/ imports nothing of the folders around it, as the page states', () => {
  expect(chapter).toContain('`bot/` imports nothing of `ops/`, `elk/` or `grafana/`.');
});

test('names the file with the rules', () => {
  expect(codeSpans(chapter)).toContain('imports.biome.json');
});
