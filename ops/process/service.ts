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
import { deleteRun, isRunning, type Run, writeRun } from './run-file.ts';

export interface Service {
  name: string;
  /** Arguments after the path of Node. */
  argv: string[];
  /** The complete environment of the process. */
  env: NodeJS.ProcessEnv;
  listens: Listen[];
  /** Answers 200 when the service is ready. */
  readyUrl: string;
  fingerprints: Record<string, string>;
  /** Milliseconds between SIGTERM and SIGKILL. */
  graceMs: number;
  /** True if the service writes its own log, so that its stdout is not stored a second time. */
  logsItself?: boolean;
}

/** A started process: its record, and the byte offset in the output file at which its output begins. */
export interface StartedService {
  run: Run;
  outOffset: number;
}

const ROTATE_BYTES = 20_000_000;

/**
 * Returns the path of the output file of a background process. The file receives stderr, and stdout unless the service
 * writes its own log.
 */
export function outputFile(dir: string, name: string): string {
  return join(dir, 'data/log', `${name}.out`);
}

/** Starts the service in its own session, so that it outlives the terminal, and writes its record. */
export async function startService(dir: string, service: Service): Promise<StartedService> {
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

/**
 * Waits until the process answers 200.
 * @throws CommandError with the reason if it ends, is not ready in time, or the user interrupts
 */
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

/**
 * Sends SIGTERM, sends SIGKILL after the grace time, and deletes the record. Returns `killed` if SIGKILL was needed.
 */
export async function stopService(dir: string, run: Run): Promise<'stopped' | 'killed'> {
  const ended = () => !isRunning(run);
  sendSignal(run, 'SIGTERM');
  const killAt = Date.now() + run.graceMs;
  while (!ended() && Date.now() < killAt) await sleep(50);
  const killed = !ended();
  if (killed) sendSignal(run, 'SIGKILL');
  while (!ended()) await sleep(20);
  deleteRun(dir, run.name);
  return killed ? 'killed' : 'stopped';
}

function sendSignal(run: Run, signal: NodeJS.Signals): void {
  if (!isRunning(run)) return;
  try {
    process.kill(run.pid, signal);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ESRCH') return; // it has ended in the meantime
    throw new CommandError(
      `The ${run.name} (pid ${run.pid}) may not be stopped by this user (${code}). Run the command as the user who started it, or with sudo.`,
    );
  }
}

/** Returns the last `count` non-empty lines of a file, from a byte offset on. */
export function lastLines(path: string, count: number, offset = 0): string[] {
  const text = existsSync(path) ? readFileSync(path).subarray(offset).toString('utf8') : '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}

/** Returns `id: detail` of each required condition that is not met, from the body of a readiness answer. */
function unmetConditions(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('conditions' in body) || !Array.isArray(body.conditions))
    return '';
  return body.conditions
    .filter((condition) => condition?.ok === false && condition.level === 'required')
    .map((condition) => printable(`${condition.id}: ${condition.detail}`))
    .join(', ');
}
