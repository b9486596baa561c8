// Test environment of every suite. A warning of the Node.js runtime, here or in a child process, fails the test file.
import { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TestEnvironment } from 'jest-environment-node';

const require = createRequire(import.meta.url);
const WATCHER = fileURLToPath(new URL('./watch-runtime.cjs', import.meta.url));
const { VARIABLE, watchRuntime } = require(WATCHER);

/** Warnings of the current test file. A worker runs one test file at a time. */
let current;

watchRuntime((warning) => current?.warnings.push(warning));
preloadIntoChildren();

/**
 * Preloads `watch-runtime.cjs` into child processes. Every asynchronous function of `node:child_process` calls
 * `ChildProcess.prototype.spawn`, with the environment as a list of `NAME=value`.
 */
function preloadIntoChildren() {
  const { spawn } = ChildProcess.prototype;
  ChildProcess.prototype.spawn = function spawnWatched(options) {
    if (current !== undefined && Array.isArray(options?.envPairs)) {
      const others = options.envPairs.filter((pair) => !pair.startsWith(`${VARIABLE}=`));
      const given = others.find((pair) => pair.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length) ?? '';
      const nodeOptions = given.includes(WATCHER) ? given : `${given} --require=${JSON.stringify(WATCHER)}`.trim();
      const rest = others.filter((pair) => !pair.startsWith('NODE_OPTIONS='));
      options.envPairs = [...rest, `NODE_OPTIONS=${nodeOptions}`, `${VARIABLE}=${current.file}`];
    }
    return spawn.call(this, options);
  };
}

export default class WatchedEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    const folder = mkdtempSync(join(tmpdir(), 'chatbot-warnings-'));
    this.watch = { warnings: [], folder, file: join(folder, 'children.txt') };
    current = this.watch;
  }

  async teardown() {
    if (current === this.watch) current = undefined;
    rmSync(this.watch.folder, { recursive: true, force: true });
    await super.teardown();
  }

  async handleTestEvent(event, state) {
    if (event.name !== 'run_finish') return;
    await nextRound(); // Node.js emits a warning after the call that caused it
    const warnings = [...this.watch.warnings, ...linesOf(this.watch.file)];
    if (warnings.length === 0) return;
    state.unhandledErrors.push(new Error(`Warnings of the runtime:\n  ${onePerPlace(warnings).join('\n  ')}`));
  }
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return []; // no child process had a warning
  }
}

/** Removes repeated warnings, also those that differ only in their milliseconds. */
function onePerPlace(warnings) {
  return [...new Map(warnings.map((text) => [text.replaceAll(/-?\d+\.?\d* ms/g, ''), text])).values()];
}
