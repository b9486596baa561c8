// Starts several bots as processes on one database, with one lab and a load balancer.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { type BotProcess, isRunning, LONG_SHUTDOWN, ready, startBotProcess } from '../../support/bot-process.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { type Balancer, startBalancer } from './balancer.ts';

export interface Replica {
  process: BotProcess;
  /** Number of parts pushed so far, with any outcome, on both platforms. */
  pushes(): Promise<number>;
}

export interface Replicas {
  bots: [Replica, Replica, Replica];
  lab: Lab;
  balancer: Balancer;
  store: Store;
  stop(): Promise<void>;
}

/** Settings for a busy machine: no answer of the model times out, and none is shown while it grows. */
const PATIENT_MODEL = {
  THINKING_AFTER_MS: '0',
  MODEL_TIMEOUT_MS: String(PATIENCE_MS),
  MODEL_FIRST_TOKEN_TIMEOUT_MS: String(PATIENCE_MS),
};

export interface ReplicasOptions {
  databaseUrl: string;
  /** Settings in addition to those that connect the bots to the lab. */
  env: Record<string, string>;
  modelDelayMs: number;
}

export async function startReplicas({ databaseUrl, env, modelDelayMs }: ReplicasOptions): Promise<Replicas> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-replicas-'));
  const first = await freePort(6);
  const balancer = await startBalancer([0, 1, 2].map((n) => `http://127.0.0.1:${first + n}`));
  const credentials = generateCredentials();
  const retryDelaysMs = Array.from({ length: 20 }, () => 300);
  const lab = await startLab({
    credentials,
    botUrl: balancer.url,
    modelDelayMs,
    retryDelaysMs,
    ackWithinMs: PATIENCE_MS,
  });
  const shared = {
    ...botEnvironment(credentials, lab.urls),
    ...LONG_SHUTDOWN,
    ...PATIENT_MODEL,
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    ...env,
  };
  const processes: BotProcess[] = [];
  const stop = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const running = processes.filter(({ child }) => isRunning(child));
    await Promise.all(running.map((process) => process.end(signal)));
    await lab.stop();
    await balancer.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const start = async (n: number): Promise<Replica> => {
    const [port, adminPort, home] = [first + n, first + 3 + n, join(dir, `${n}`)];
    await mkdir(home);
    const ports = { PORT: `${port}`, ADMIN_PORT: `${adminPort}`, LOG_DIR: join(home, 'log') };
    const process = startBotProcess(home, { ...shared, ...ports });
    processes.push(process);
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    await ready(adminUrl, process.child);
    return { process, pushes: () => readPushes(adminUrl) };
  };
  // Start all at the same time, because concurrent migrations must be safe.
  const bots = await Promise.all([start(0), start(1), start(2)]).catch(async (error) => {
    await stop('SIGKILL');
    throw error;
  });
  const store = openStore(databaseUrl);
  return {
    ...{ bots, lab, balancer, store },
    async stop() {
      await stop('SIGTERM');
      await store.close();
    },
  };
}

async function readPushes(adminUrl: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const series = text.split('\n').filter((line) => line.startsWith('chatbot_pushes_total{'));
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
