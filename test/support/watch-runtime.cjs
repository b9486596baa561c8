// Records warnings of the Node.js runtime, and delays that a later version of Node.js warns of.
// CommonJS, so that `--require` can preload it into a child process and its threads.
const { appendFileSync } = require('node:fs');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const { promisify } = require('node:util');

/** File that takes one line per warning. A test file names it to its child processes by this variable. */
const VARIABLE = 'CHATBOT_TEST_WARNINGS';
/** Node.js replaces a longer delay by 1 ms: https://nodejs.org/docs/latest-v24.x/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

const isRefused = (ms) => ms !== undefined && !(Number(ms) >= 0 && Number(ms) <= LONGEST_DELAY_MS);

/** First line of the stack outside this file and Node.js: the caller of the timer. */
function callerOf({ stack = '' }) {
  return stack.split('\n').find((line) => /^\s+at /.test(line) && !/watch-runtime\.cjs|node:internal/.test(line)) ?? '';
}

/** Timers of the test framework are no business of ours. */
const isForeign = (caller) => /node_modules\/(@?jest|@sinonjs)/.test(caller);

/** Wraps one timer function: `place` is the position of its delay. */
function guardTimer(owner, name, place, record) {
  const original = owner[name];
  function guarded(...args) {
    if (isRefused(args[place])) {
      const caller = callerOf(new Error('timer'));
      if (!isForeign(caller)) record(`TimerDelayWarning: ${name} was given ${args[place]} ms ${caller.trim()}`);
    }
    return original.apply(this, args);
  }
  if (owner !== timersPromises && promisify.custom in original) {
    Object.defineProperty(guarded, promisify.custom, { configurable: true, get: () => timersPromises[name] });
  }
  owner[name] = guarded;
}

/** Calls `record` with a text for each warning of this process or thread. `--disable-warning` is respected. */
function watchRuntime(record) {
  process.on('warning', ({ name, code, message, stack = '' }) => {
    // JEST-01 is the test framework's own: https://jestjs.io/docs/configuration#testenvironmentoptions-object
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
      // The test file that asked has ended.
    }
  });
}
