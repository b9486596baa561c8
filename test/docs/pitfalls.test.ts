// Checks that docs/pitfalls.md names existing tests and pages.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const page = readFileSync('docs/pitfalls.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| others |'));

test.each(rows.map((row) => row.split(' | ')))('%s', (_others, _here, shownBy = '') => {
  const tests = [...shownBy.matchAll(/`(test\/[^`]+)`: (.+?) \|$/g)];
  const pages = [...shownBy.matchAll(/\]\(([^)]+)\)/g)];
  expect(tests.length + pages.length).toBeGreaterThan(0);
  for (const [, file = '', title = ''] of tests)
    expect([title, readFileSync(file, 'utf8').includes(title)]).toEqual([title, true]);
  for (const [, target] of pages) expect(existsSync(`docs/${target}`)).toBe(true);
});
