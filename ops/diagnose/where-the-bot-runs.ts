// The doctor must see the network the bot sees: with the compose profiles it runs inside the bot's container.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { readOnlyComposeEnv } from '../up/compose-secrets.ts';
import { runningProfile } from '../up/profile-file.ts';

const LIST_TIMEOUT_MS = 3_000;

/**
 * Runs this very command in the bot's container and resolves with its exit code. Undefined when the bot does not
 * run in one, or its container is not running: then this host is looked at.
 */
export async function diagnoseInContainer(argv: string[], dir = process.cwd()): Promise<number | undefined> {
  const profile = runningProfile(dir);
  if (profile !== 'lite' && profile !== 'full') return undefined;
  const options = { cwd: dir, env: readOnlyComposeEnv(join(dir, '.env'), process.env) };
  const listed = await runCommand('docker', ['compose', 'ps', '--status', 'running', '--quiet', 'bot'], {
    ...options,
    timeoutMs: LIST_TIMEOUT_MS,
  });
  if (listed.code !== 0 || listed.stdout.trim() === '') {
    console.error('The container of the bot is not running, so this host is looked at instead.');
    return undefined;
  }
  const words = ['compose', 'exec', '--no-TTY', 'bot', 'node', 'dist/ops/main.js', 'diagnose', ...argv];
  const child = spawn('docker', words, { ...options, stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null]; // arguments of the event
  return code ?? 2;
}
