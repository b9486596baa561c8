// Runs one attack on a bot, alone or behind the proxy, within the memory of their containers, and reports the result.
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
import type { BotEndpoint } from './dial.ts';
import { type GenuineReport, sendGenuine } from './genuine.ts';
import { createMemoryBound, type MemoryBound } from './memory-bound.ts';
import { startProxy } from './proxy.ts';

export interface AttackOptions {
  attack: AttackName;
  /** Number of connections, and further arguments of the attack. */
  args: unknown[];
  seconds: number;
  /** Through Caddy, with TLS. */
  proxied: boolean;
  /** See `startProxy`. */
  patient?: boolean;
  /** Longest wait for the answer to a genuine callback; default 6 s, twice the deadline of the platforms. */
  patienceMs?: number;
  /** If true, a callback without an answer is redelivered within `patienceMs`, as the platforms do; default false. */
  repeats?: boolean;
}

/** Resources of the bot or the proxy during an attack. */
export interface ResourceReport {
  how: MemoryBound['how'];
  limitMiB: number;
  /** Maximum of the memory that the kernel could not drop. */
  mostUsedMiB: number;
  /** Maximum including the page cache. */
  peakMiB: number;
  /** Processor time. It does not depend on the load of the machine. */
  cpuSeconds: number;
  /** Signal or exit code; undefined if the process survived. */
  endedBy: string | undefined;
}

export interface AttackReport {
  attack: string;
  strangers: Counts;
  genuine: GenuineReport;
  bot: ResourceReport;
  proxy?: ResourceReport;
}

/** The discard port, where no server listens. */
const UNREACHABLE = 'http://127.0.0.1:9';
const SAMPLE_MS = 100;

export async function runAttack(options: AttackOptions): Promise<AttackReport> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-strangers-'));
  const [port, adminPort, proxyPort] = [await freePort(), await freePort(), await freePort()];
  const credentials = generateCredentials();
  const urls = { page: UNREACHABLE, feishu: UNREACHABLE, dingtalk: UNREACHABLE, model: UNREACHABLE };
  const { MODEL_BASE_URL, MODEL_API_KEY, MODEL_NAME, ...env } = botEnvironment(credentials, urls);
  const limitMiB = mebibytes(composeFile.services.bot?.mem_limit ?? '0m');
  const bound = createMemoryBound('bot', limitMiB * 2 ** 20);
  try {
    const { launcher } = bound;
    const bot = await startLoadedBot({ dir, port, adminPort, databaseUrl: `sqlite:${dir}/bot.db`, env, launcher });
    const monitor = monitored(bound, bot.pid, limitMiB, bot.endedBy);
    try {
      if (!options.proxied) {
        return { ...(await underAttack({ port, tls: false }, options, credentials)), bot: monitor.report() };
      }
      const proxy = await startProxy({ dir, port: proxyPort, botPort: port, patient: options.patient ?? false });
      const proxyMiB = mebibytes(composeFile.services.proxy?.mem_limit ?? '0m');
      const proxyMonitor = monitored(proxy.bound, proxy.pid, proxyMiB, proxy.endedBy);
      try {
        const results = await underAttack({ port: proxyPort, tls: true }, options, credentials);
        return { ...results, bot: monitor.report(), proxy: proxyMonitor.report() };
      } finally {
        proxyMonitor.stop();
        await proxy.stop();
      }
    } finally {
      monitor.stop();
      await bot.stop().catch(() => undefined); // the report contains the end of the bot
    }
  } finally {
    await bound.remove();
    await rm(dir, { recursive: true, force: true });
  }
}

type Credentials = ReturnType<typeof generateCredentials>;

/** Starts the attack. Sends genuine callbacks once all its connections were opened, or after `PATIENCE_MS`. */
async function underAttack(endpoint: BotEndpoint, options: AttackOptions, credentials: Credentials) {
  const { attack, args, seconds, patienceMs = 6_000, repeats = false } = options;
  const program = join(projectRoot(), 'dist/test/strangers/attacker.js');
  const command = [program, JSON.stringify(endpoint), attack, JSON.stringify(args)];
  const strangers = spawnMarked(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    await untilOpened(strangers, Number(args[0]));
    const genuine = await sendGenuine(endpoint, credentials, { until: sleep(seconds * 1000), patienceMs, repeats });
    return { attack: titleOf(options), strangers: await countsOf(strangers), genuine };
  } finally {
    strangers.kill('SIGKILL');
  }
}

async function untilOpened(strangers: ChildProcess, connections: number): Promise<void> {
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
  return `${args[0]} ${make(...args).title}${proxied ? ', through the proxy' : ''}${patient ? ', without timeouts' : ''}`;
}

function monitored(bound: MemoryBound, pid: number, limitMiB: number, endedBy: () => string | undefined) {
  let [most, cpuSeconds] = [0, 0];
  const before = cpuSecondsOf(pid);
  const sample = () => {
    if (endedBy() !== undefined) return;
    most = Math.max(most, bound.usedBytes(pid));
    cpuSeconds = Number((cpuSecondsOf(pid) - before).toFixed(2));
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  return {
    report(): ResourceReport {
      sample();
      const [mostUsedMiB, peakMiB] = [most, bound.peakBytes()].map((bytes) => Math.round(bytes / 2 ** 20));
      const memory = { how: bound.how, limitMiB, mostUsedMiB: mostUsedMiB ?? 0, peakMiB: peakMiB ?? 0 };
      return { ...memory, cpuSeconds, endedBy: endedBy() };
    },
    stop: () => clearInterval(sampling),
  };
}
