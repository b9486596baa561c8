// Runs the bot as a process for load: its output goes to a file, and the message limits are off.

import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openStore } from '../bot/store/open-store.ts';
import { projectRoot } from '../ops/installation/project-root.ts';
import { LONG_SHUTDOWN, ready } from '../test/support/bot-process.ts';
import { spawnMarked } from '../test/support/spawn-marked.ts';

export interface LoadedBot {
  pid: number;
  /** Returns the CPU time since the start in seconds. */
  cpuSeconds(): number;
  /** Returns the signal or exit code; undefined while the process runs. */
  endedBy(): string | undefined;
  /** Shuts the bot down. Rejects if it had ended before, or ends with another code than 0. */
  stop(): Promise<void>;
}

export interface LoadedBotOptions {
  /** Working directory: settings files, log, SQLite file. */
  dir: string;
  port: number;
  adminPort: number;
  databaseUrl: string;
  /** Credentials, and further settings that differ from the defaults. */
  env: Record<string, string>;
  /** Folder for a CPU profile, which is written at shutdown. */
  profileTo?: string | undefined;
  /** Command and arguments before the program, for example to limit its memory. */
  launcher?: readonly string[];
}

/** Starts the bot and resolves when it is ready. */
export async function startLoadedBot(options: LoadedBotOptions): Promise<LoadedBot> {
  const { dir, port, adminPort, databaseUrl, env, profileTo, launcher = [] } = options;
  const stdout = openSync(join(dir, 'stdout'), 'w');
  const profileOptions = profileTo === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profileTo)}`];
  const main = [process.execPath, ...profileOptions, join(projectRoot(), 'dist/bot/main.js')];
  const [program = '', ...args] = [...launcher, ...main];
  const child = spawnMarked(program, args, {
    cwd: dir,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      // Same value as in docker-compose.yml, where the container has 192 MiB.
      NODE_OPTIONS: '--max-old-space-size=128',
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      DATABASE_URL: databaseUrl,
      SESSIONS_MAX: '1000000',
      SENDER_RATE_LIMIT: '0',
      ...LONG_SHUTDOWN,
      ...env,
    },
    stdio: ['ignore', stdout, 'inherit'],
  });
  const endedBy = () => child.signalCode ?? (child.exitCode === null ? undefined : String(child.exitCode));
  const stop = async () => {
    if (endedBy() !== undefined) throw new Error('The bot ended before it was stopped.');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`The bot ended with code ${code}.`);
  };
  try {
    await ready(`http://127.0.0.1:${adminPort}`, child);
    await liftTenantLimit(databaseUrl);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const pid = child.pid ?? 0;
  return { pid, cpuSeconds: () => cpuSeconds(pid), endedBy, stop };
}

/** Returns user and system time of a process in seconds. The kernel counts them in ticks of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Fields 14 and 15. Field 2, the name of the program, can hold spaces.
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return ((utime ?? 0) + (stime ?? 0)) / 100;
}

async function liftTenantLimit(databaseUrl: string): Promise<void> {
  const store = openStore(databaseUrl);
  await store.knex('tenant_config').update({ rate_limit: 1_000_000 });
  await store.close();
}
