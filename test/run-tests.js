// `npm test`: runs every suite whose server is installed. Lists skipped suites, and the command that installs servers.
// usage: npm test [-- <jest arguments>]     REQUIRE_ALL=1: skipped tests are failures, and bot/ must be covered
//                                           TEST_WORKERS: concurrent test files, default 2
//                                           TEST_SILENCE_MS: ends a run in which no test finishes for that long

import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endContainers } from './run/containers.js';
import { runJest } from './run/jest-process.js';
import { endMarked, MARK } from './run/mark.js';
import { SERVERS } from './servers/presence.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const extra = process.argv.slice(2);
const requireAll = process.env.REQUIRE_ALL === '1';
// The mark of this run begins with the mark of an outer run, if this run is itself part of a test.
const runId = [process.env[MARK] ?? [], randomUUID()].flat().join(' ');
/** Longest time without a finished test, in milliseconds. Longer than the time limit of any test. */
const silenceMs = Number(process.env.TEST_SILENCE_MS ?? 900_000);

/** Concurrent test files, except heavy ones. */
const workers = process.env.TEST_WORKERS ?? '2';

/** True after the start of tests that create containers. */
let usesDocker = false;
/** Ends the current jest process. */
let endJest = () => undefined;

function print(text) {
  process.stdout.write(`${text}\n`);
}

function jest(args, options = {}) {
  const onStart = (end) => {
    endJest = end;
  };
  return runJest(args, { root: ROOT, runId, silenceMs, onStart, ...options });
}

/** Ends all processes and containers of the run at Ctrl-C, a closed terminal, or a signal of a supervisor. */
function endAllOn(signal, exitCode) {
  process.once(signal, async () => {
    endJest();
    await endMarked(runId, 0);
    if (usesDocker) endContainers();
    print(`Ended by ${signal}, with all processes that the tests had started.`);
    process.exit(exitCode);
  });
}

function serverOf(file) {
  return Object.keys(SERVERS).find((name) => file.endsWith(`.${name}.test.ts`));
}

/** Sorts the selected test files: light ones, heavy ones by server, and those whose server is missing. */
async function plan() {
  const { code, output } = await jest([...extra, '--listTests', '--passWithNoTests'], { capture: true });
  if (code !== 0) process.exit(code);
  const groups = { light: [], heavy: new Map(), leftOut: new Map() };
  const present = new Map();
  for (const file of output.split('\n').filter(Boolean).sort()) {
    const name = serverOf(file);
    if (name !== undefined && !present.has(name)) present.set(name, SERVERS[name].present());
    if (name === undefined || (present.get(name) && !SERVERS[name].heavy)) groups.light.push(file);
    else add(present.get(name) ? groups.heavy : groups.leftOut, name, file);
  }
  return groups;
}

function add(map, key, value) {
  map.set(key, [...(map.get(key) ?? []), value]);
}

// Uses ignored paths instead of selected ones, because the caller may have passed patterns.
function without(names) {
  return names.map((name) => `--testPathIgnorePatterns=\\.${name}\\.test\\.ts$`);
}

function allBut(name) {
  return `--testPathIgnorePatterns=(?<!\\.${name})\\.test\\.ts$`;
}

/** Runs jest once and resolves to its counts. A file that could not run at all counts as one failure. */
async function run(args) {
  const folder = await mkdtemp(join(tmpdir(), 'chatbot-tests-'));
  const report = join(folder, 'report.json');
  try {
    const { code, hung, leftovers } = await jest([...extra, ...args, '--json', `--outputFile=${report}`]);
    const result = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
    const failed = (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
    if (hung) print(`No test finished for ${silenceMs / 1000} s, so jest was ended. ${hung}`);
    if (leftovers.length > 0)
      print(`Outlived their test file and were ended, a failure each:\n  ${leftovers.join('\n  ')}`);
    return {
      passed: result.numPassedTests ?? 0,
      // Jest may fail without a failing test: a coverage threshold, a crash.
      failed: (code === 0 ? failed : Math.max(failed, 1)) + leftovers.length,
      skipped: (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function reportLeftOut(leftOut) {
  for (const [name, files] of leftOut) {
    print(`Skipped: ${files.length} ${name} test file(s). They need ${SERVERS[name].needs}: run 'make test-servers'.`);
    for (const file of files) print(`  ${relative(ROOT, file)}`);
  }
  if (leftOut.size > 0) print('A skipped file counts as one skipped test.');
  return { passed: 0, failed: 0, skipped: [...leftOut.values()].flat().length };
}

/** Ends and reports processes of a killed worker or of a hung run, and containers. */
async function reportLeftovers(withDocker) {
  const ended = await endMarked(runId);
  const containers = withDocker ? endContainers() : [];
  const lines = [
    ...ended.map(({ pid, command }) => `${pid} ${command}`),
    ...containers.map((name) => `container ${name}`),
  ];
  if (lines.length > 0) print(`Outlived the tests and were ended, a failure each:\n  ${lines.join('\n  ')}`);
  return { passed: 0, failed: lines.length, skipped: 0 };
}

async function main() {
  endAllOn('SIGINT', 130);
  endAllOn('SIGTERM', 143);
  endAllOn('SIGHUP', 129);
  const started = performance.now();
  const { light, heavy, leftOut } = await plan();
  const results = [];
  if (light.length > 0) {
    const names = Object.keys(SERVERS).filter((name) => SERVERS[name].heavy || leftOut.has(name));
    const coverage = requireAll && extra.length === 0 ? ['--coverage'] : [];
    results.push(await run([`--maxWorkers=${workers}`, ...coverage, ...without(names)]));
  }
  for (const name of heavy.keys()) {
    usesDocker ||= name === 'docker';
    results.push(await run(['--runInBand', `--testTimeout=${SERVERS[name].timeoutMs}`, allBut(name)]));
  }
  if (results.length + leftOut.size === 0) {
    print('No test file matches the arguments.');
    results.push({ passed: 0, failed: 1, skipped: 0 });
  }
  results.push(reportLeftOut(leftOut), await reportLeftovers(heavy.has('docker')));

  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  const missing = requireAll && skipped > 0;
  if (missing) print('REQUIRE_ALL=1: skipped tests are failures.');
  process.exitCode = failed > 0 || missing ? 1 : 0;
  print(`Ran as ${userInfo().username} for ${Math.round((performance.now() - started) / 1000)} s.`);
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

await main();
