// Runs the project's own compose file with the override of this folder, as a separate compose project.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { fillSecrets } from '../../ops/installation/compose-secrets.ts';
import { runCommand } from '../../ops/process/run-command.ts';
import { marked } from '../support/spawn-marked.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROJECT = 'chatbot-stack-test';
const BUILD_TIMEOUT_MS = 900_000;
const COMMAND_TIMEOUT_MS = 180_000;

/** The facts about a container that the tests read from `docker inspect`. */
const containerSchema = z.object({
  Id: z.string(),
  State: z.object({ Pid: z.number(), Health: z.object({ Status: z.string() }).optional() }),
  Config: z.object({ User: z.string(), Labels: z.record(z.string(), z.string()) }),
  HostConfig: z.object({
    Memory: z.number(),
    ReadonlyRootfs: z.boolean(),
    CapAdd: z.array(z.string()).nullable(),
    CapDrop: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Privileged: z.boolean(),
  }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
  }),
});
export type Container = z.infer<typeof containerSchema>;

/** One run of the stack. Every method rejects with the output of docker. */
export interface Stack {
  build(services: readonly string[]): Promise<void>;
  /** Starts the services and waits until they are healthy. If they are not, rejects with their last log lines. */
  up(services: readonly string[]): Promise<void>;
  /** Runs a command in a service's container. Resolves to its exit code and output. */
  exec(service: string, ...command: string[]): Promise<{ code: number | string; stdout: string; stderr: string }>;
  /** Returns the project's containers by service. */
  containers(): Promise<Record<string, Container>>;
  /** Returns the containers, networks and volumes of this project that still exist, as `kind id`. */
  remains(): Promise<string[]>;
  /** Removes containers, networks and volumes. */
  down(): Promise<void>;
  /** Removes containers, networks and volumes, and the folder of the run. */
  stop(): Promise<void>;
}

/** Prepares a run with these settings in its `.env`. Passwords are generated as by `make up`. */
export async function createStack(settings: Record<string, string>): Promise<Stack> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-stack-'));
  await mkdir(join(dir, 'models'));
  const envFile = join(dir, '.env');
  await writeFile(
    envFile,
    Object.entries(settings)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  );
  fillSecrets(envFile, {});
  // No other variables of the caller, because the environment takes precedence over the file.
  const { PATH, HOME, DOCKER_HOST } = process.env;
  const env = marked({ PATH, HOME, ...(DOCKER_HOST ? { DOCKER_HOST } : {}), STACK_DIR: dir });

  const attempt = (args: string[], timeoutMs = COMMAND_TIMEOUT_MS) =>
    runCommand('docker', args, { cwd: ROOT, env, timeoutMs });
  async function docker(args: string[], timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await attempt(args, timeoutMs);
    if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`.slice(-8000));
    return stdout;
  }
  const files = ['docker-compose.yml', 'test/stack/docker-compose.override.yml'].flatMap((file) => ['-f', file]);
  const compose = (...args: string[]) => ['compose', '-p', PROJECT, '--env-file', envFile, ...files, ...args];
  const list = async (kind: string, ...args: string[]) => {
    const label = ['--filter', `label=com.docker.compose.project=${PROJECT}`];
    const found = await docker([kind, 'ls', '-q', ...args, ...label]);
    return found.split('\n').filter(Boolean);
  };
  const down = async () => {
    await docker(compose('down', '--volumes', '--remove-orphans'));
  };

  return {
    async build(services) {
      await docker(compose('build', '--quiet', ...services), BUILD_TIMEOUT_MS);
    },
    async up(services) {
      const { code, stderr } = await attempt(compose('up', '-d', '--wait', '--no-build', ...services));
      if (code === 0) return;
      const logs = await attempt(compose('logs', '--no-color', '--tail', '30', ...services));
      throw new Error(`docker compose up ended with ${code}:\n${stderr}\n${logs.stdout}`);
    },
    exec: (service, ...command) => attempt(compose('exec', '-T', service, ...command)),
    async containers() {
      const found = z.array(containerSchema).parse(JSON.parse(await docker(['inspect', ...(await list('container'))])));
      return Object.fromEntries(found.map((one) => [one.Config.Labels['com.docker.compose.service'], one]));
    },
    async remains() {
      const kinds = { container: ['-a'], network: [], volume: [] };
      const found = await Promise.all(
        Object.entries(kinds).map(async ([kind, args]) => (await list(kind, ...args)).map((id) => `${kind} ${id}`)),
      );
      return found.flat();
    },
    down,
    async stop() {
      await down();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
