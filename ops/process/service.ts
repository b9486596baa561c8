// Starts and stops one background process, and waits until it is ready.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { printable } from '../../bot/telemetry/printable.ts';
import { CommandError } from './command-error.ts';
import { errorCode } from './error-code.ts';
import { getJson } from './get-json.ts';
import { processIdentity } from './identity.ts';
import type { Listen } from './port-owner.ts';
import { forgetRun, isRunning, type Run, writeRun } from './run-file.ts';

export interface Service {
  name: string;
  /** Words after the path of Node. */
  argv: string[];
  /** The whole environment of the process. */
  env: NodeJS.ProcessEnv;
  listens: Listen[];
  /** Answers 200 when the service is ready. */
  readyUrl: string;
  fingerprints: Record<string, string>;
  /** How long it may take to end after SIGTERM. */
  graceMs: number;
  /** True when the service keeps a log of its own, so that its stdout need not be kept a second time. */
  logsItself?: boolean;
}

/** Started process: its record, and where its output begins in the output file. */
export interface Started {
  run: Run;
  outOffset: number;
}

const ROTATE_BYTES = 20_000_000;

/** The file that takes what a background process prints: its stderr, and its stdout unless it logs itself. */
export function outputFile(dir: string, name: string): string {
  return join(dir, 'data/log', `${name}.out`);
}

/** Starts the service in a session of its own, so that it outlives the terminal, and records it. */
export async function startService(dir: string, service: Service): Promise<Started> {
  const path = outputFile(dir, service.name);
  mkdirSync(join(dir, 'data/log'), { recursive: true });
  if (existsSync(path) && statSync(path).size > ROTATE_BYTES) renameSync(path, `${path}.1`);
  const out = openSync(path, 'a', 0o640);
  const outOffset = statSync(path).size;
  const child = spawn(process.execPath, service.argv, {
    cwd: dir,
    env: service.env,
    detached: true,
    stdio: ['ignore', service.logsItself ? 'ignore' : out, out],
  });
  closeSync(out);
  child.unref();
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const pid = child.pid ?? 0; // set once the process is spawned
  const run: Run = {
    name: service.name,
    pid,
    identity: processIdentity(pid) ?? 'ended at once',
    startedAt: new Date().toISOString(),
    command: [process.execPath, ...service.argv].join(' '),
    listens: service.listens,
    readyUrl: service.readyUrl,
    fingerprints: service.fingerprints,
    graceMs: service.graceMs,
  };
  writeRun(dir, run);
  return { run, outOffset };
}

/** Waits until the process answers 200. Throws a CommandError that says why it does not. */
export async function waitUntilReady(run: Run, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }) {
  const giveUpAt = Date.now() + timeoutMs;
  let reason = 'it does not answer yet';
  while (!signal.aborted) {
    if (!isRunning(run)) throw new CommandError(`The ${run.name} ended while it was starting.`);
    const answer = await getJson(run.readyUrl, 2000);
    if (answer?.status === 200) return;
    if (answer) reason = unmetConditions(answer.body) || `${run.readyUrl} answers ${answer.status}`;
    if (Date.now() > giveUpAt) {
      throw new CommandError(`The ${run.name} was not ready after ${timeoutMs / 1000} s: ${reason}.`);
    }
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
  throw new CommandError(`Interrupted while the ${run.name} was starting.`);
}

/** Asks the process to end, insists after the grace time, and forgets it. Tells whether it had to be killed. */
export async function stopService(dir: string, run: Run): Promise<'stopped' | 'killed'> {
  const ended = () => !isRunning(run);
  sendSignal(run, 'SIGTERM');
  const killAt = Date.now() + run.graceMs;
  while (!ended() && Date.now() < killAt) await sleep(50);
  const killed = !ended();
  if (killed) sendSignal(run, 'SIGKILL');
  while (!ended()) await sleep(20);
  forgetRun(dir, run.name);
  return killed ? 'killed' : 'stopped';
}

function sendSignal(run: Run, signal: NodeJS.Signals): void {
  if (!isRunning(run)) return;
  try {
    process.kill(run.pid, signal);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ESRCH') return; // it ended in between
    throw new CommandError(
      `The ${run.name} (pid ${run.pid}) may not be stopped by this user (${code}). Run the command as the user who started it, or with sudo.`,
    );
  }
}

/** The last lines of a file, from a byte offset on. */
export function lastLines(path: string, count: number, offset = 0): string[] {
  const text = existsSync(path) ? readFileSync(path).subarray(offset).toString('utf8') : '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}

/** `id: detail` of each condition that is not met, from the body of a readiness answer. */
function unmetConditions(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('conditions' in body) || !Array.isArray(body.conditions))
    return '';
  return body.conditions
    .filter((condition) => condition?.ok === false && condition.level === 'required')
    .map((condition) => printable(`${condition.id}: ${condition.detail}`))
    .join(', ');
}
