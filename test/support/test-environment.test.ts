// Tests the environment of the tests: each kind of warning of the runtime fails a test file, also in child processes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runMarked } from './spawn-marked.ts';

const jest = fileURLToPath(import.meta.resolve('jest/bin/jest'));
const testEnvironment = fileURLToPath(new URL('./test-environment.js', import.meta.url));
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-environment-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Runs a test file whose only test has this body, in a separate Jest process. */
async function runTest(body: string): Promise<{ code: number | null; stderr: string }> {
  await writeFile(join(dir, 'one.test.js'), `test('one', async () => { ${body} });`);
  const config = JSON.stringify({ rootDir: dir, testEnvironment, transform: {}, haste: { enableSymlinks: false } });
  // Removes the variables that this file's own environment adds, so that only the other Jest gets the warnings.
  const plain = ['-u', 'NODE_OPTIONS', '-u', 'CHATBOT_TEST_WARNINGS', process.execPath];
  const { code, stderr } = await runMarked(
    'env',
    [...plain, jest, '--config', config, '--runInBand', '--watchman=false'],
    { cwd: dir },
  );
  return { code, stderr };
}

const inChild = (code: string) =>
  `await require('node:util').promisify(require('node:child_process').execFile)(process.execPath, ['-e', ${JSON.stringify(code)}], { env: { A: '1' } });`;

test.each([
  ['a negative delay', 'setTimeout(() => {}, -5);', /TimerDelayWarning: setTimeout was given -5 ms .*one\.test\.js/],
  ['a delay that is not a number', 'setTimeout(() => {}, Number.NaN);', /setTimeout was given NaN ms/],
  ['a delay beyond 24 days', 'clearTimeout(setTimeout(() => {}, 2 ** 31));', /setTimeout was given 2147483648 ms/],
  ['a negative interval', 'clearInterval(setInterval(() => {}, -1));', /setInterval was given -1 ms/],
  ['a negative sleep', 'await require("node:timers/promises").setTimeout(-6);', /setTimeout was given -6 ms/],
  [
    'a leak of listeners',
    'const e = new (require("node:events"))(); for (let i = 0; i < 11; i++) e.on("x", () => {});',
    /MaxListenersExceededWarning: .*11 x listeners/,
  ],
  ['a deprecated function', 'require("node:fs").rmdirSync("x", { recursive: true });', /DeprecationWarning: DEP0147/],
  [
    'a warning in a child process',
    inChild('setTimeout(() => {}, -7); new Buffer(3)'),
    /-7 ms[\s\S]*DEP0005.*\(in a child process\)/,
  ],
  [
    'a warning in a thread of a child process',
    inChild('new (require("node:worker_threads").Worker)("setTimeout(() => {}, -8)", { eval: true })'),
    /-8 ms/,
  ],
])('fails a test file with %s', async (_name, body, warning) => {
  const { code, stderr } = await runTest(body);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(warning) });
});

test('passes a test file without a warning', async () => {
  expect(await runTest(`setTimeout(() => {}, 0); setTimeout(() => {}); ${inChild('1')}`)).toMatchObject({ code: 0 });
});
