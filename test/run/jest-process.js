// Runs jest and monitors its progress. Ends a run without progress, and all processes that the run started.

import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endMarked, MARK } from './mark.js';

const JEST = fileURLToPath(import.meta.resolve('jest/bin/jest'));
const REPORTER = fileURLToPath(new URL('progress-reporter.js', import.meta.url));

/**
 * Runs jest on real ES modules. Resolves to
 * - `code`: its exit code, 1 if it was killed;
 * - `output`: its standard output, with `capture`;
 * - `hung`: an explanation, if it was killed for lack of progress;
 * - `leftovers`: `pid command (file)` of each process that outlived its test file. These processes have been ended.
 *
 * `silenceMs`: longest time without a finished test. `onStart` receives a function that ends jest at once.
 */
export async function runJest(args, { root, runId, silenceMs, capture = false, onStart = () => undefined }) {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const reporters = capture ? [] : ['--reporters=default', `--reporters=${REPORTER}`];
  const child = spawn(process.execPath, [...flags, JEST, ...args, ...reporters], {
    cwd: root,
    env: { ...process.env, [MARK]: runId },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit', 'ipc'],
  });
  onStart(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });

  const watch = createWatch({ root, silenceMs, end: () => child.kill('SIGKILL') });
  const cleanups = [];
  child.on('message', (message) => {
    watch.note(message);
    if (message.event === 'file-ended') cleanups.push(endLeftovers(root, `${runId} ${message.file}`, message.file));
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  watch.stop();
  const leftovers = (await Promise.all(cleanups)).flat();
  return { code, output, hung: watch.hung(), leftovers };
}

async function endLeftovers(root, mark, file) {
  const ended = await endMarked(mark);
  return ended.map(({ pid, command }) => `${pid} ${command} (${relative(root, file)})`);
}

function createWatch({ root, silenceMs, end }) {
  const running = new Set();
  let last = 'none';
  let over = false;
  let hung;
  const expire = () => {
    const files = [...running].map((file) => relative(root, file)).join(', ') || 'none';
    hung = over
      ? 'All tests had ended, but jest did not exit. A test file left a timer, socket or server open.'
      : `Files at work: ${files}. Last finished test: ${last}.`;
    end();
  };
  let timer = setTimeout(expire, silenceMs);
  return {
    note({ event, file, test }) {
      clearTimeout(timer);
      timer = setTimeout(expire, silenceMs);
      if (event === 'file-started') running.add(file);
      if (event === 'file-ended') running.delete(file);
      if (event === 'test-ended') last = `${relative(root, file)}: ${test}`;
      if (event === 'run-ended') over = true;
    },
    stop: () => clearTimeout(timer),
    hung: () => hung,
  };
}
