// The lock file names checksums, so that an installation cannot get other packages than those that were tested.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const LOCK = new URL('../package-lock.json', import.meta.url);
const { packages }: { packages: Record<string, { integrity?: string; resolved?: string }> } = JSON.parse(
  readFileSync(LOCK, 'utf8'),
);
const entries = Object.entries(packages).filter(([path]) => path !== '');

test('every package has a checksum, also those for other systems (`make lock` adds missing ones)', () => {
  expect(entries.length).toBeGreaterThan(100);
  expect(entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
});

test('no package names the address it was downloaded from', () => {
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});
