// Tests `npm test` with small faulty suites: the run ends, names the fault, and leaves no process.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Finished, runMarked, spawnMarked } from '../support/spawn-marked.ts';
import { waitUntil } from '../support/wait-until.ts';

const RUN_TESTS = fileURLToPath(new URL('../run-tests.js', import.meta.url));
const MARK_FILE = fileURLToPath(new URL('mark-file.js', import.meta.url));

/** Source that starts a program without an end, in a new session, and writes its pid to the file `pid`. */
const START_SLEEPER = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const sleeper = spawn('sleep', ['3600'], { detached: true, stdio: 'ignore', env: { ...process.env } });
sleeper.unref();
writeFileSync(new URL('pid', import.meta.url), String(sleeper.pid));
`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'chatbot-run-'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Writes the test files. Returns arguments and environment of a run over them. */
function suite(files: Record<string, string>, env: Record<string, string> = {}) {
  for (const [name, source] of Object.entries(files)) writeFileSync(join(dir, name), source);
  const config = { testMatch: ['**/*.test.js'], transform: {}, setupFilesAfterEnv: [MARK_FILE] };
  const args = [RUN_TESTS, `--rootDir=${dir}`, `--config=${JSON.stringify(config)}`];
  return { args, options: { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, TEST_GRACE_MS: '1000', ...env } } };
}

function run(...input: Parameters<typeof suite>): Promise<Finished> {
  const { args, options } = suite(...input);
  return runMarked(process.execPath, args, options);
}

function sleeperIsAlive(): boolean {
  const pid = readFileSync(join(dir, 'pid'), 'utf8');
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('prints the user and the counts in the last lines', async () => {
  const { code, stdout } = await run({ 'a.test.js': "test('passes', () => {});" });
  expect({ code, lines: stdout.trim().split('\n').slice(-2) }).toEqual({
    code: 0,
    lines: [expect.stringMatching(/^Ran as \S+ for \d+ s\.$/), '1 passed, 0 failed, 0 skipped'],
  });
});

test('ends a process that outlives its test file, and reports a failure with the file', async () => {
  const { code, stdout } = await run({ 'leaves.test.js': `${START_SLEEPER}test('passes', () => {});` });
  expect(code).toBe(1);
  expect(stdout).toMatch(/Outlived their test file .*\n {2}\d+ sleep 3600 \(.*leaves\.test\.js\)/);
  expect(stdout).toContain('1 passed, 1 failed, 0 skipped');
  expect(sleeperIsAlive()).toBe(false);
});

test('leaves no process after a failed beforeAll', async () => {
  const broken = `${START_SLEEPER}beforeAll(() => { throw new Error('failed start'); });test('is never reached', () => {});`;
  const { code } = await run({ 'broken.test.js': broken });
  expect(code).toBe(1);
  expect(sleeperIsAlive()).toBe(false);
});

test('leaves no process after a killed worker', async () => {
  const killed = `${START_SLEEPER}test('dies', () => process.kill(process.pid, 'SIGKILL'));`;
  // Two files, because jest runs a single file in its own process.
  const { code } = await run({ 'killed.test.js': killed, 'other.test.js': "test('passes', () => {});" });
  expect(code).toBe(1);
  expect(sleeperIsAlive()).toBe(false);
});

test.each([
  ['a test in an endless loop', 'test("spins", () => { for (;;); });', /Files at work: .*hangs\.test\.js/],
  [
    'a test file that prevents the exit of jest',
    'setInterval(() => {}, 1000); test("passes", () => {});',
    /did not exit/,
  ],
])('ends a run with %s, names it, and leaves no process', async (_, source, reason) => {
  const { code, stdout } = await run({ 'hangs.test.js': START_SLEEPER + source }, { TEST_SILENCE_MS: '30000' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^No test finished for 30 s, so jest was ended\. /m);
  expect(stdout).toMatch(reason);
  expect(sleeperIsAlive()).toBe(false);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends the run and all processes that it started at %s', async (signal, exitCode) => {
  const { args, options } = suite({
    'waits.test.js': `${START_SLEEPER}test('waits', () => new Promise((resolve) => setTimeout(resolve, 1e9)), 1e9);`,
  });
  const child = spawnMarked(process.execPath, args, options);
  const stdout = text(child.stdout);
  child.stderr.resume();
  await waitUntil('the test has begun', () => existsSync(join(dir, 'pid')));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  expect(await ended).toBe(exitCode);
  expect(await stdout).toContain(`Ended by ${signal}`);
  expect(sleeperIsAlive()).toBe(false);
});
