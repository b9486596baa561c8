// One attack on a bot in the memory of its container, alone or behind the proxy in its own, and what came of it.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds as cpuSecondsOf, startLoadedBot } from '../../bench/loaded-bot.ts';
import { projectRoot } from '../../ops/installation/project-root.ts';
import { botEnvironment, generateCredentials } from '../../ops/lab/start-lab.ts';
import { composeFile, mebibytes } from '../compose/compose-file.ts';
import { freePort } from '../support/free-port.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { spawnMarked } from '../support/spawn-marked.ts';
import { type AttackName, attacks, type Counts } from './attacks.ts';
import type { Door } from './door.ts';
import { type GenuineReport, sendGenuine } from './genuine.ts';
import { createMemoryBound, type MemoryBound } from './memory-bound.ts';
import { startProxy } from './proxy.ts';

export interface AttackOptions {
  attack: AttackName;
  /** Number of connections, and what else the attack takes. */
  args: unknown[];
  seconds: number;
  /** Through Caddy, with TLS. */
  proxied: boolean;
  /** See `startProxy`. */
  patient?: boolean;
  /** How long each genuine callback waits for its answer; default 6 s, twice the deadline of the platforms. */
  patienceMs?: number;
  /** Whether a callback without its answer is sent again, as the platforms do, while that time lasts; default no. */
  repeats?: boolean;
}

export interface Survivor {
  how: MemoryBound['how'];
  limitMiB: number;
  /** Most memory that the kernel could not drop. */
  mostUsedMiB: number;
  /** The same with the page cache. */
  peakMiB: number;
  /** Processor time, which a busy machine does not change. */
  cpuSeconds: number;
  /** Undefined while it lives. */
  endedBy: string | undefined;
}

export interface AttackReport {
  attack: string;
  strangers: Counts;
  genuine: GenuineReport;
  bot: Survivor;
  proxy?: Survivor;
}

const NOWHERE = 'http://127.0.0.1:9';
const SAMPLE_MS = 100;

export async function runAttack(options: AttackOptions): Promise<AttackReport> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-strangers-'));
  const [port, adminPort, proxyPort] = [await freePort(), await freePort(), await freePort()];
  const credentials = generateCredentials();
  const urls = { page: NOWHERE, feishu: NOWHERE, dingtalk: NOWHERE, model: NOWHERE };
  const { MODEL_BASE_URL, MODEL_API_KEY, MODEL_NAME, ...env } = botEnvironment(credentials, urls);
  const limitMiB = mebibytes(composeFile.services.bot?.mem_limit ?? '0m');
  const bound = createMemoryBound('bot', limitMiB * 2 ** 20);
  try {
    const { launcher } = bound;
    const bot = await startLoadedBot({ dir, port, adminPort, databaseUrl: `sqlite:${dir}/bot.db`, env, launcher });
    const watch = watched(bound, bot.pid, limitMiB, bot.endedBy);
    try {
      if (!options.proxied) {
        return { ...(await underAttack({ port, tls: false }, options, credentials)), bot: watch.report() };
      }
      const proxy = await startProxy({ dir, port: proxyPort, botPort: port, patient: options.patient ?? false });
      const proxyMiB = mebibytes(composeFile.services.proxy?.mem_limit ?? '0m');
      const proxyWatch = watched(proxy.bound, proxy.pid, proxyMiB, proxy.endedBy);
      try {
        const met = await underAttack({ port: proxyPort, tls: true }, options, credentials);
        return { ...met, bot: watch.report(), proxy: proxyWatch.report() };
      } finally {
        proxyWatch.stop();
        await proxy.stop();
      }
    } finally {
      watch.stop();
      await bot.stop().catch(() => undefined); // the report has how it ended
    }
  } finally {
    await bound.remove();
    await rm(dir, { recursive: true, force: true });
  }
}

type Credentials = ReturnType<typeof generateCredentials>;

/** Strangers first; genuine callbacks from the moment that all of them stand, or that no more are expected to. */
async function underAttack(door: Door, options: AttackOptions, credentials: Credentials) {
  const { attack, args, seconds, patienceMs = 6_000, repeats = false } = options;
  const program = join(projectRoot(), 'dist/test/strangers/attacker.js');
  const command = [program, JSON.stringify(door), attack, JSON.stringify(args)];
  const strangers = spawnMarked(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await inPlace(strangers, Number(args[0]));
    const genuine = await sendGenuine(door, credentials, { until: sleep(seconds * 1000), patienceMs, repeats });
    return { attack: titleOf(options), strangers: await countsOf(strangers), genuine };
  } finally {
    strangers.kill('SIGKILL');
  }
}

async function inPlace(strangers: ChildProcess, connections: number): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  while ((await countsOf(strangers)).opened < connections && Date.now() < giveUpAt) await sleep(SAMPLE_MS);
}

async function countsOf(strangers: ChildProcess): Promise<Counts> {
  strangers.send('counts');
  const [counts] = (await once(strangers, 'message')) as [Counts]; // the answer of attacker.ts
  return counts;
}

export function titleOf({ attack, args, proxied, patient }: AttackOptions): string {
  const make = attacks[attack] as (...given: unknown[]) => { title: string };
  return `${args[0]} ${make(...args).title}${proxied ? ', through the proxy' : ''}${patient ? ', none ended' : ''}`;
}

function watched(bound: MemoryBound, pid: number, limitMiB: number, endedBy: () => string | undefined) {
  let [most, cpuSeconds] = [0, 0];
  const before = cpuSecondsOf(pid);
  const sample = () => {
    if (endedBy() !== undefined) return;
    most = Math.max(most, bound.usedBytes(pid));
    cpuSeconds = Number((cpuSecondsOf(pid) - before).toFixed(2));
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  return {
    report(): Survivor {
      sample();
      const [mostUsedMiB, peakMiB] = [most, bound.peakBytes()].map((bytes) => Math.round(bytes / 2 ** 20));
      const memory = { how: bound.how, limitMiB, mostUsedMiB: mostUsedMiB ?? 0, peakMiB: peakMiB ?? 0 };
      return { ...memory, cpuSeconds, endedBy: endedBy() };
    },
    stop: () => clearInterval(sampling),
  };
}
