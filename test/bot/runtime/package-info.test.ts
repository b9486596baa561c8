import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { packageVersion } from '../../../bot/runtime/package-info.ts';

const folder = mkdtempSync(join(tmpdir(), 'chatbot-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a build without its package.json says so instead of looking for ever', () => {
  expect(() => packageVersion('/')).toThrow(/^No package\.json in \/ or above it/);
});

test('the version is that of the nearest package.json, however deep the program lies', () => {
  const deep = join(folder, 'dist', 'bot');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
  expect(packageVersion(deep)).toBe('1.2.3');
});
