// Records warnings of the Node.js runtime, and delays about which later versions of Node.js warn.
// CommonJS, so that `--require` can preload it into a child process and its threads.
const { appendFileSync } = require('node:fs');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const { promisify } = require('node:util');

/** Variable with the path of a file that gets one line per warning. A test file sets it for its child processes. */
const VARIABLE = 'CHATBOT_TEST_WARNINGS';
/**
 * Node.js replaces a longer delay by 1 ms:
 * https://nodejs.org/docs/latest-v24.x/api/timers.html#settimeoutcallback-delay-args (read 2026-11).
 */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const isInvalidDelay = (ms) => ms !== undefined && !(Number(ms) >= 0 && Number(ms) <= LONGEST_DELAY_MS);

/** Returns the first line of the stack outside this file and Node.js: the caller of the timer. */
function callerOf({ stack = '' }) {
  return stack.split('\n').find((line) => /^\s+at /.test(line) && !/watch-runtime\.cjs|node:internal/.test(line)) ?? '';
}

/** Returns true for timers of the test framework, which are not checked. */
const isOfTestFramework = (caller) => /node_modules\/(@?jest|@sinonjs)/.test(caller);

/** Wraps one timer function: `place` is the position of its delay. */
function guardTimer(owner, name, place, record) {
  const original = owner[name];
  function guarded(...args) {
    if (isInvalidDelay(args[place])) {
      const caller = callerOf(new Error('timer'));
      if (!isOfTestFramework(caller)) record(`TimerDelayWarning: ${name} was given ${args[place]} ms ${caller.trim()}`);
    }
    return original.apply(this, args);
  }
  if (owner !== timersPromises && promisify.custom in original) {
    Object.defineProperty(guarded, promisify.custom, { configurable: true, get: () => timersPromises[name] });
  }
  owner[name] = guarded;
}

/** Calls `record` with a text for each warning of this process or thread. Respects `--disable-warning`. */
function watchRuntime(record) {
  process.on('warning', ({ name, code, message, stack = '' }) => {
    // JEST-01 is a warning of the test framework: https://jestjs.io/docs/configuration#testenvironmentoptions-object
    if (name === 'ExperimentalWarning' || code === 'JEST-01') return;
    record(`${name}: ${code ? `${code} ` : ''}${message} ${callerOf({ stack }).trim()}`);
  });
  for (const name of ['setTimeout', 'setInterval']) {
    guardTimer(globalThis, name, 1, record);
    timers[name] = globalThis[name];
    guardTimer(timersPromises, name, 0, record);
  }
  guardTimer(timersPromises.scheduler, 'wait', 0, record);
}

module.exports = { VARIABLE, watchRuntime };

const file = process.env[VARIABLE];
if (file !== undefined) {
  watchRuntime((warning) => {
    try {
      appendFileSync(file, `${warning} (in ${process.argv.slice(1, 3).join(' ') || 'a child process'})\n`);
    } catch {
      // The test file that set the variable has ended.
    }
  });
}
