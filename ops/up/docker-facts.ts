// Detects whether Docker Engine and Compose can be used here.

import { runCommand } from '../process/run-command.ts';

export type DockerFacts =
  | { state: 'ready'; memoryMib: number }
  | { state: 'no-client' | 'no-daemon' | 'no-permission' | 'no-compose' };

const TIMEOUT_MS = 5000;

/** Queries the docker command line. A daemon that does not answer within 5 s counts as not running. */
export async function readDockerFacts(env: NodeJS.ProcessEnv): Promise<DockerFacts> {
  const options = { env, timeoutMs: TIMEOUT_MS };
  const info = await runCommand('docker', ['info', '--format', '{{.MemTotal}}'], options);
  if (info.code === 'ENOENT') return { state: 'no-client' };
  if (info.code !== 0) return { state: /permission denied/i.test(info.stderr) ? 'no-permission' : 'no-daemon' };
  const compose = await runCommand('docker', ['compose', 'version', '--short'], options);
  if (compose.code !== 0) return { state: 'no-compose' };
  // Memory of the machine that runs the engine, which may be another machine.
  return { state: 'ready', memoryMib: Math.floor(Number(info.stdout) / 2 ** 20) };
}
