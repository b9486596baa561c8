// Compares the documented endings of test files with the files and with the servers that the test runner knows.
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { codeSpans, tableRows } from './markdown.ts';
import { projectFiles, readText } from './project-files.ts';

const { SERVERS }: { SERVERS: Record<string, unknown> } = await import(
  pathToFileURL(`${projectRoot()}/test/servers/presence.js`).href
);

/** Endings of the files, such as `*.mariadb.test.ts`. */
const endings = new Set(
  projectFiles.flatMap((path) => {
    const [, ending] = /^test\/.*?[^/.]+((?:\.[a-z]+)?\.test\.ts)$/.exec(path) ?? [];
    return ending === undefined ? [] : [`*${ending}`];
  }),
);

const ofServers = Object.keys(SERVERS).map((name) => `*.${name}.test.ts`);

test('the test runner knows the server of every ending', () => {
  expect([...endings].sort()).toEqual([...ofServers, '*.test.ts'].sort());
});

test.each([
  ['CONTRIBUTING.md', 'name', [...ofServers, '*.test.ts']],
  ['test/servers/README.md', 'file name', ofServers],
])('%s lists every ending once', (page, firstColumn, expected) => {
  const listed = tableRows(readText(page), firstColumn).flatMap(([names = '']) => codeSpans(names));
  expect(listed.sort()).toEqual([...expected].sort());
});

test('test/README.md lists every folder and program of test/', () => {
  const listed = tableRows(readText('test/README.md'), 'folder').flatMap(([names = '']) => codeSpans(names));
  const folders = new Set(projectFiles.flatMap((path) => /^test\/(\w+)\//.exec(path)?.[1] ?? []));
  expect([...folders].filter((name) => !listed.includes(`${name}/`))).toEqual([]);
});
