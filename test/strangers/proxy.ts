// Runs the real Caddy with the bundle's Caddyfile and the limits of docker-compose.yml, in front of a local bot.
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeFile, mebibytes, ROOT } from '../compose/compose-file.ts';
import { spawnMarked, spawnMarkedSync } from '../support/spawn-marked.ts';
import { waitUntil } from '../support/wait-until.ts';
import { dial } from './dial.ts';
import { createMemoryBound, type MemoryBound } from './memory-bound.ts';

export interface Proxy {
  pid: number;
  bound: MemoryBound;
  /** Returns the signal or exit code if the process has ended. */
  endedBy(): string | undefined;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  dir: string;
  port: number;
  botPort: number;
  /** If true, connections stay open for ten minutes, to measure their memory. */
  patient?: boolean;
}

const TEN_MINUTES_NS = 600_000_000_000;

/** Starts the proxy. Resolves when its TLS listener accepts connections. */
export async function startProxy({ dir, port, botPort, patient = false }: ProxyOptions): Promise<Proxy> {
  const service = composeFile.services.proxy;
  const limitBytes = mebibytes(service?.mem_limit ?? '0m') * 2 ** 20;
  const home = join(dir, 'caddy');
  mkdirSync(home);
  const config = join(home, 'caddy.json');
  writeFileSync(config, adapted(port, botPort, patient));
  const bound = createMemoryBound('proxy', limitBytes);
  const [program = '', ...args] = [
    ...bound.launcher,
    ...['sh', '-c', 'ulimit -n "$0" && exec caddy run --config "$1"', String(service?.ulimits?.nofile), config],
  ];
  const env = { ...process.env, ...service?.environment, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  const caddy = spawnMarked(program, args, { env: env as NodeJS.ProcessEnv, stdio: 'ignore' }); // SITE_ADDRESS is in the JSON
  const endedBy = () => caddy.signalCode ?? (caddy.exitCode === null ? undefined : String(caddy.exitCode));
  const stop = async () => {
    if (endedBy() === undefined) {
      caddy.kill('SIGKILL');
      await once(caddy, 'exit');
    }
    await bound.remove();
  };
  try {
    await waitUntil('Caddy accepts TLS', async () => (await dial({ port, tls: true }))?.destroy());
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: caddy.pid ?? 0, bound, endedBy, stop };
}

/** Returns the Caddyfile as Caddy's JSON, with the bot's address of this test and without an admin port. */
function adapted(port: number, botPort: number, patient: boolean): string {
  const { stdout, stderr, status } = spawnMarkedSync('caddy', ['adapt', '--config', `${ROOT}proxy/Caddyfile`], {
    env: { ...process.env, SITE_ADDRESS: `https://localhost:${port}` },
  });
  if (status !== 0) throw new Error(stderr);
  const config = JSON.parse(stdout.replaceAll('bot:18789', `127.0.0.1:${botPort}`));
  for (const server of Object.values<Record<string, unknown>>(config.apps.http.servers)) {
    if (patient) Object.assign(server, { read_timeout: TEN_MINUTES_NS, read_header_timeout: TEN_MINUTES_NS });
  }
  return JSON.stringify({ ...config, admin: { disabled: true } });
}
