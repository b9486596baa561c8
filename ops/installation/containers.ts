// Lists the containers of the compose project with their health.

import { z } from 'zod';
import { CommandError } from '../process/command-error.ts';
import { runCommand } from '../process/run-command.ts';

const containerSchema = z.object({
  Name: z.string(),
  Service: z.string(),
  State: z.string(),
  Status: z.string(),
  Health: z.string().default(''),
  ExitCode: z.number().default(0),
  Publishers: z.array(z.object({ URL: z.string(), PublishedPort: z.number() })).nullish(),
});

export interface Container {
  name: string;
  service: string;
  /** Docker's status text, e.g. `Up 3 minutes (healthy)`. */
  status: string;
  ports: string;
  healthy: boolean;
}

/**
 * Returns all containers of the project in this directory.
 * @throws CommandError if Docker does not answer
 */
export async function readContainers(dir: string, env: NodeJS.ProcessEnv): Promise<Container[]> {
  const args = ['compose', 'ps', '--all', '--format', 'json'];
  const { code, stdout, stderr } = await runCommand('docker', args, { cwd: dir, env, timeoutMs: 10_000 });
  if (code !== 0)
    throw new CommandError(`Docker does not answer: ${stderr.trim() || code}\nSee that it runs: docker info`);
  return parseContainers(stdout);
}

/**
 * Parses one JSON object per line, or one array before Compose 2.21: https://github.com/docker/compose/issues/10958
 * (read 2026-11).
 */
export function parseContainers(stdout: string): Container[] {
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const found: unknown[] = lines.flatMap((line): unknown => JSON.parse(line));
  return found.map((one) => {
    const { Name, Service, State, Status, Health, ExitCode, Publishers } = containerSchema.parse(one);
    const published = (Publishers ?? []).filter(({ PublishedPort }) => PublishedPort > 0);
    // A one-shot job that ended with code 0 is healthy.
    const healthy = State === 'running' ? Health === '' || Health === 'healthy' : State === 'exited' && ExitCode === 0;
    const ports = [...new Set(published.map(({ URL, PublishedPort }) => `${URL}:${PublishedPort}`))].join(' ');
    return { name: Name, service: Service, status: Status, ports, healthy };
  });
}
