// The Makefile: its help, its check of Node, and the installation of packages. Calls of npm, node and ./chatbot are
// recorded, not run.

import { copyFileSync, existsSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { spawnMarkedSync } from '../support/spawn-marked.ts';
import { temporaryFolder } from './process/stand-in.ts';

const root = projectRoot();
const NPM =
  'echo "npm $*" >> calls; [ "$1" != ci ] || { mkdir -p node_modules && touch node_modules/.package-lock.json; }';

const CHATBOT = 'echo "./chatbot $*" >> calls';

/** Creates a folder with the Makefile and ./chatbot, and a PATH that contains only the given scripts and a few tools. */
function project(scripts: Record<string, string>, chatbot = CHATBOT) {
  const [dir, bin] = [temporaryFolder(), temporaryFolder()];
  for (const file of ['Makefile', 'package-lock.json']) copyFileSync(join(root, file), join(dir, file));
  for (const tool of ['sh', 'awk', 'touch', 'mkdir', 'make']) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  const programs = Object.entries(scripts).map(([name, body]) => ({ path: join(bin, name), body }));
  for (const { path, body } of [...programs, { path: join(dir, 'chatbot'), body: chatbot }]) {
    writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const make = (...args: string[]) => spawnMarkedSync('make', args, { cwd: dir, env: { PATH: bin } });
  return { dir, make, calls: () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n') };
}

const realNode = `exec "${process.execPath}" "$@"`;
const oldNode = '[ "$1" != -v ] || echo v18.19.0; [ "$1" = -v ]';

test('lists every target with a line if make gets no target', () => {
  const text = readFileSync(join(root, 'Makefile'), 'utf8');
  const phony = /^\.PHONY: (.*)$/m
    .exec(text)?.[1]
    ?.split(' ')
    .filter((name) => name !== 'node');
  const { stdout } = project({}).make();
  expect([...stdout.matchAll(/^ {2}make (\S+) +\S/gm)].map(([, name]) => name)).toEqual(phony);
});

test('installs nothing through a link, because that would empty the packages of another checkout', () => {
  const { dir, make } = project({ node: realNode, npm: NPM });
  symlinkSync(temporaryFolder(), join(dir, 'node_modules'));
  const { status, stderr } = make('up');
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('rm node_modules') });
  expect(existsSync(join(dir, 'calls'))).toBe(false);
});

describe('before anything is installed', () => {
  test.each([
    ['no Node', { npm: NPM }, 'Node.js 20.18.0 or newer is required, but not installed.'],
    ['an old Node', { node: oldNode, npm: NPM }, 'Node.js 20.18.0 or newer is required; this is v18.19.0.'],
    ['no npm', { node: realNode }, 'npm is required, but not installed.'],
  ])('reports %s in a sentence', (_, scripts, sentence) => {
    const { status, stdout } = project(scripts).make('up');
    expect({ status, stdout }).toEqual({ status: 2, stdout: expect.stringContaining(sentence) });
  });
});

test('installs packages once, and again if the lock file is newer', () => {
  const { dir, make, calls } = project({ node: realNode, npm: NPM });
  expect(make('up').stdout).toBe('Installing packages ...\n');
  expect(make('up').stdout).toBe('');
  const future = new Date(Date.now() + 60_000);
  utimesSync(join(dir, 'package-lock.json'), future, future);
  expect(make('up').stdout).toBe('Installing packages ...\n');
  const [ci, up] = ['npm ci --no-progress --loglevel=error', './chatbot up'];
  expect(calls()).toEqual([ci, up, up, ci, up]);
});

test('diagnoses without installing packages, also without npm', () => {
  const { dir, make, calls } = project({ node: realNode });
  expect(make('diagnose')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(calls()).toEqual(['./chatbot diagnose']);
  expect(existsSync(join(dir, 'node_modules'))).toBe(false);
});

test.each([
  ['up', './chatbot up --x'],
  ['down', './chatbot down --x'],
  ['status', './chatbot status --x'],
  ['logs', './chatbot logs --x'],
  ['diagnose', './chatbot diagnose --x'],
  ['lab', './chatbot lab --x'],
  ['test', 'npm test -s -- --x'],
  ['build', 'npm run -s build'],
])('passes ARGS of make %s to the command', (target, call) => {
  const { make, calls } = project({ node: realNode, npm: NPM });
  make(target, 'ARGS=--x');
  expect(calls().at(-1)).toBe(call);
});

test('passes PROFILE to the command', () => {
  const { make, calls } = project({ node: realNode, npm: NPM }, 'echo "PROFILE=$PROFILE" >> calls');
  make('up', 'PROFILE=embedded');
  expect(calls().at(-1)).toBe('PROFILE=embedded');
});
