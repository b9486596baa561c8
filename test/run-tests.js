// `npm test`: runs every suite whose server is on this machine, and says what it left out and how to get it.
// usage: npm test [-- <jest arguments>]     REQUIRE_ALL=1: nothing may be left out or skipped, and bot/ must be covered

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERVERS } from './servers/presence.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const JEST = fileURLToPath(import.meta.resolve('jest/bin/jest'));
const extra = process.argv.slice(2);
const requireAll = process.env.REQUIRE_ALL === '1';
// Every process that a test starts inherits this, so that what outlives the run can be found.
const runId = randomUUID();

function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Runs jest on real ES modules; resolves to its exit code and, with `capture`, its standard output. */
function jest(args, { capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, JEST, ...args], {
      cwd: ROOT,
      env: { ...process.env, CHATBOT_TEST_RUN: runId },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function serverOf(file) {
  return Object.keys(SERVERS).find((name) => file.endsWith(`.${name}.test.ts`));
}

/** Sorts the wanted test files: light ones, heavy ones by server, and those whose server is missing. */
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

// Ignored paths rather than wanted ones: the caller may have passed patterns of their own.
function without(names) {
  return names.map((name) => `--testPathIgnorePatterns=\\.${name}\\.test\\.ts$`);
}

function allBut(name) {
  return `--testPathIgnorePatterns=(?<!\\.${name})\\.test\\.ts$`;
}

/** One jest run; resolves to its counts. A file that could not run at all counts as one failure. */
async function run(args) {
  const folder = await mkdtemp(join(tmpdir(), 'chatbot-tests-'));
  const report = join(folder, 'report.json');
  try {
    const { code } = await jest([...extra, ...args, '--json', `--outputFile=${report}`]);
    const result = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
    const failed = (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
    return {
      passed: result.numPassedTests ?? 0,
      // Jest may fail without a failing test: a coverage threshold, a crash.
      failed: code === 0 ? failed : Math.max(failed, 1),
      skipped: (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Ends what this run started and left alive after a short grace; returns it as `pid command`. Linux only. */
async function endLeftovers() {
  let found = [];
  for (let wait = 0; wait < 20; wait += 1) {
    found = [];
    for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
      const read = (name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      if (!(await read('environ')).includes(`CHATBOT_TEST_RUN=${runId}`)) continue;
      const command = (await read('cmdline')).replaceAll('\0', ' ').trim();
      if (command !== '') found.push(`${pid} ${command}`);
    }
    if (found.length === 0) break;
    await sleep(100);
  }
  for (const line of found) {
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      // It ended by itself in between.
    }
  }
  return found;
}

function tellLeftOut(leftOut) {
  for (const [name, files] of leftOut) {
    say(`Left out: ${files.length} ${name} test file(s). They need ${SERVERS[name].needs}: run 'make test-servers'.`);
    for (const file of files) say(`  ${relative(ROOT, file)}`);
  }
  if (leftOut.size > 0) say('A left-out file counts as one skipped test.');
  return { passed: 0, failed: 0, skipped: [...leftOut.values()].flat().length };
}

function tellLeftovers(alive) {
  if (alive.length > 0) say(`Outlived the tests and was ended now, which is a failure:\n  ${alive.join('\n  ')}`);
  return { passed: 0, failed: alive.length, skipped: 0 };
}

async function main() {
  const { light, heavy, leftOut } = await plan();
  const results = [];
  if (light.length > 0) {
    const names = Object.keys(SERVERS).filter((name) => SERVERS[name].heavy || leftOut.has(name));
    const coverage = requireAll && extra.length === 0 ? ['--coverage'] : [];
    results.push(await run(['--maxWorkers=2', ...coverage, ...without(names)]));
  }
  for (const name of heavy.keys()) {
    results.push(await run(['--runInBand', `--testTimeout=${SERVERS[name].timeoutMs}`, allBut(name)]));
  }
  if (results.length + leftOut.size === 0) {
    say('No test file matches the arguments.');
    results.push({ passed: 0, failed: 1, skipped: 0 });
  }
  results.push(tellLeftOut(leftOut), tellLeftovers(await endLeftovers()));

  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  const missing = requireAll && skipped > 0;
  if (missing) say('REQUIRE_ALL=1: skipped and left-out tests are failures.');
  process.exitCode = failed > 0 || missing ? 1 : 0;
  say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}

await main();
