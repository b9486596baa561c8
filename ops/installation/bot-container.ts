// Runs a command in the bot's container, because only that container reaches the bot's network and database.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { passOn } from '../process/terminal.ts';
import { readOnlyComposeEnv } from './compose-secrets.ts';
import { runningProfile } from './profile-file.ts';

const LIST_TIMEOUT_MS = 3_000;

/** Docker did not list the running containers. */
export interface DockerUnavailable {
  /** Docker's error text, or the error of the call. */
  dockerError: string;
}

export interface ContainerCommand {
  /** Arguments after `ops`. */
  args: string[];
  /** File descriptor that receives the command's stdout; default is the stdout of this process. */
  stdout?: number | undefined;
  dir?: string | undefined;
  /** Time limit for listing the container, in milliseconds. */
  listTimeoutMs?: number;
}

/**
 * Runs this command in the bot's container and resolves with its exit code. `here`: no compose profile was started in
 * the folder. `gone`: a compose profile was started, but the container does not run. If Docker does not answer, neither
 * is known.
 */
export async function runInBotContainer(
  command: ContainerCommand,
): Promise<number | 'here' | 'gone' | DockerUnavailable> {
  const { args, stdout, dir = process.cwd(), listTimeoutMs = LIST_TIMEOUT_MS } = command;
  const profile = runningProfile(dir);
  if (profile !== 'lite' && profile !== 'full') return 'here';
  const options = { cwd: dir, env: readOnlyComposeEnv(join(dir, '.env'), process.env) };
  const listed = await runCommand('docker', ['compose', 'ps', '--status', 'running', '--quiet', 'bot'], {
    ...options,
    timeoutMs: listTimeoutMs,
  });
  if (listed.code !== 0) return { dockerError: listed.stderr.trim() || String(listed.code) };
  if (listed.stdout.trim() === '') return 'gone';
  const child = spawn('docker', ['compose', 'exec', '--no-TTY', 'bot', 'node', 'dist/ops/main.js', ...args], {
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
