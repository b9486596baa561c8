// Checks that tests use the limits of test/support/patience.ts and jest.config.js. Shorter ones fail on a busy machine.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { PATIENCE_MS } from '../support/patience.ts';

const ROOT = join(projectRoot(), 'test');
const THIS_FILE = 'time-limits.test.ts';

/** Patterns that no test file may contain, each with the fix. */
const FORBIDDEN: [RegExp, string][] = [
  [
    /^\s*\}?,? ?[\d_]{4,}\);$|^ {2}[\d_]{4,},$|^beforeAll\(.*, [\d_]{4,}\);$/,
    'leave the limit of a test or hook to jest.config.js',
  ],
  [/jest\.setTimeout\(/, 'leave the limit of a file to jest.config.js'],
  [/\bwaitUntil\(.*, [\d_]+\)/, 'leave the limit of waitUntil to PATIENCE_MS'],
  [/\bwaitForReply\(.*timeoutMs: [\d_]{4,}/, 'use PATIENCE_MS'],
  [
    /now\(\) - \w+\)\.toBeLessThan/,
    'measure processor time with cpuMilliseconds, or make the other side wait longer than the test',
  ],
];

test('finds no separate time limit in a test file', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(\.test|\/describe-[\w-]+)\.ts$/.test(name) && !name.endsWith(THIS_FILE),
  );
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        FORBIDDEN.filter(([pattern]) => pattern.test(line)).map(([, remedy]) => `${file}:${index + 1}: ${remedy}`),
      ),
  );
  expect(found).toEqual([]);
});

test('limits one wait to less than a test, so that the error of the wait is reported', () => {
  const config = readFileSync(join(projectRoot(), 'jest.config.js'), 'utf8');
  const [, limit = ''] = /^ {2}testTimeout: ([\d_]+),$/m.exec(config) ?? [];
  expect(Number(limit.replaceAll('_', ''))).toBeGreaterThan(2 * PATIENCE_MS);
});
