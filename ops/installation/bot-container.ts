// With the compose profiles only the bot's container sees the network and the database of the bot: commands run there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { passOn } from '../process/terminal.ts';
import { readOnlyComposeEnv } from './compose-secrets.ts';
import { runningProfile } from './profile-file.ts';

const LIST_TIMEOUT_MS = 3_000;

/** Docker did not say which containers run. */
export interface SilentDocker {
  /** Its words, or the error of the call. */
  silent: string;
}

export interface ContainerCall {
  /** The words after `ops`. */
  words: string[];
  /** File descriptor that takes what the command prints; stdout when left out. */
  stdout?: number | undefined;
  dir?: string | undefined;
  /** Milliseconds that Docker may take to list the container. */
  patienceMs?: number;
}

/**
 * Runs this very command in the bot's container and resolves with its exit code. `here`: no compose profile was
 * started in the folder. `gone`: one was, but the container does not run. Neither is known of a silent Docker.
 */
export async function runInBotContainer(call: ContainerCall): Promise<number | 'here' | 'gone' | SilentDocker> {
  const { words, stdout, dir = process.cwd(), patienceMs = LIST_TIMEOUT_MS } = call;
  const profile = runningProfile(dir);
  if (profile !== 'lite' && profile !== 'full') return 'here';
  const options = { cwd: dir, env: readOnlyComposeEnv(join(dir, '.env'), process.env) };
  const listed = await runCommand('docker', ['compose', 'ps', '--status', 'running', '--quiet', 'bot'], {
    ...options,
    timeoutMs: patienceMs,
  });
  if (listed.code !== 0) return { silent: listed.stderr.trim() || String(listed.code) };
  if (listed.stdout.trim() === '') return 'gone';
  const child = spawn('docker', ['compose', 'exec', '--no-TTY', 'bot', 'node', 'dist/ops/main.js', ...words], {
    ...options,
    stdio: ['inherit', stdout ?? 'pipe', 'pipe'],
  });
  const outputs = [
    ...(child.stdout ? [passOn(child.stdout, process.stdout)] : []),
    ...(child.stderr ? [passOn(child.stderr, process.stderr)] : []),
  ];
  const [[code]] = (await Promise.all([once(child, 'close'), ...outputs])) as [[number | null]]; // arguments of the event
  return code ?? 2;
}
