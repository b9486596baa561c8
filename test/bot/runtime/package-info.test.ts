// The version of the running program.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { packageVersion } from '../../../bot/runtime/package-info.ts';

const folder = mkdtempSync(join(tmpdir(), 'chatbot-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('throws if there is no package.json up to the root', () => {
  expect(() => packageVersion('/')).toThrow(/^No package\.json in \/ or above it/);
});

test('returns the version of the nearest package.json above the folder', () => {
  const deep = join(folder, 'dist', 'bot');
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version":"1.2.3"}');
  expect(packageVersion(deep)).toBe('1.2.3');
});
