// How many callbacks a second the public listener takes, side by side with the vendor's SDK, which verifies and keeps nothing.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { botEnvironment, generateCredentials, type LabCredentials } from '../ops/lab/credentials.ts';
import { messageEventV2, sealEvent } from '../ops/lab/feishu/events.ts';
import { sendAll, toRequest } from './http-load.ts';
import type { Progress } from './server-protocol.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '64' },
  },
});
const [rounds, requests, connections] = [Number(values.rounds), Number(values.requests), Number(values.connections)];

const CHATS = 1_000;
/** File of each server, and its arguments. */
const VARIANTS = {
  sdk: ['sdk-server.js'],
  durable: ['intake-server.js'],
  durableQuiet: ['intake-server.js', 'quiet'],
  noClaim: ['intake-server.js', 'no-claim'],
  noClaimQuiet: ['intake-server.js', 'no-claim', 'quiet'],
} as const;
type Variant = keyof typeof VARIANTS;
const NAMES = Object.keys(VARIANTS) as Variant[]; // keys of a closed table

/** One round of one server. */
interface Round {
  perSecond: number;
  /** Processor time of the server per request, in microseconds. */
  cpuMicros: number;
}

interface Server {
  port: number;
  child: ChildProcess;
  rounds: Round[];
}

async function startServer(variant: Variant, dir: string, credentials: LabCredentials): Promise<Server> {
  const home = join(dir, variant);
  mkdirSync(home);
  const [file, ...args] = VARIANTS[variant];
  const nowhere = 'http://127.0.0.1:9';
  const urls = { page: nowhere, feishu: nowhere, dingtalk: nowhere, model: nowhere };
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    cwd: home,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ...botEnvironment(credentials, urls),
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: `sqlite:${home}/bot.db`,
      LOG_DIR: `${home}/log`,
    },
    stdio: ['ignore', openSync(join(home, 'stdout'), 'w'), 'inherit', 'ipc'],
  });
  const [message] = await once(child, 'message');
  return { port: (message as { port: number }).port, child, rounds: [] }; // the first message of serveBenchmark
}

async function progressOf({ child }: Server): Promise<Progress> {
  child.send('progress');
  const [message] = await once(child, 'message');
  return message as Progress; // the answer of serveBenchmark
}

/** Messages that no server has seen: other ids, signed and encrypted one by one. */
function makeRequests(app: LabCredentials['feishu'], round: number): Buffer[] {
  return Array.from({ length: requests }, (_, i) => {
    const person = { openId: `ou_${i % CHATS}`, unionId: `on_${i % CHATS}`, userId: `${i % CHATS}` };
    const event = {
      text: `number ${i}`,
      chatId: `oc_${i % CHATS}`,
      chatType: 'p2p' as const,
      person,
      messageId: `om_${round}_${i}`,
      eventId: `event_${round}_${i}`,
      at: Date.now(),
      mentionsBot: false,
    };
    const [payload, url] = [messageEventV2(app, event), 'http://127.0.0.1/feishu/verify'];
    const { encryptKey } = app;
    return toRequest(sealEvent({ url, payload, encryptKey, encrypted: true, signed: true, now: event.at }));
  });
}

/** Turns of each server in a round: a machine that is slow for a second slows all of them. */
const TURNS = 10;

interface Turn {
  seconds: number;
  cpuMicros: number;
}

async function takeTurn(server: Server, wanted: Buffer[]): Promise<Turn> {
  const before = await progressOf(server);
  const seconds = await sendAll(server.port, wanted, connections);
  const after = await progressOf(server);
  const handled = after.handled - before.handled;
  if (handled !== wanted.length) throw new Error(`${handled} of ${wanted.length} messages were taken.`);
  return { seconds, cpuMicros: after.cpuMicros - before.cpuMicros };
}

/** One round of all servers, each in turn, every second time in the opposite order. */
async function measureRound(servers: readonly Server[], wanted: Buffer[]): Promise<Map<Server, Round>> {
  const turns = new Map<Server, Turn[]>(servers.map((server) => [server, []]));
  const each = Math.ceil(wanted.length / TURNS);
  for (let turn = 0; turn * each < wanted.length; turn += 1) {
    const some = wanted.slice(turn * each, (turn + 1) * each);
    const order = turn % 2 === 0 ? servers : [...servers].reverse();
    for (const server of order) turns.get(server)?.push(await takeTurn(server, some));
  }
  const toRound = (taken: Turn[]): Round => {
    const sum = (of: keyof Turn) => taken.reduce((total, turn) => total + turn[of], 0);
    const [perSecond, cpuMicros] = [wanted.length / sum('seconds'), sum('cpuMicros') / wanted.length];
    return { perSecond: Math.round(perSecond), cpuMicros: Math.round(cpuMicros) };
  };
  return new Map([...turns].map(([server, taken]) => [server, toRound(taken)]));
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Round by round: what slows the machine for a while slows both. */
function quotients(a: number[], b: number[]): number[] {
  return a.map((rate, round) => rate / (b[round] ?? Number.NaN));
}

function report(servers: Record<Variant, Server>): void {
  const rates = (name: Variant) => servers[name].rounds.map((round) => round.perSecond);
  const lines = NAMES.map((name) => {
    const all = rates(name);
    const cpu = median(servers[name].rounds.map((round) => round.cpuMicros));
    return `${name.padEnd(13)} ${String(median(all)).padStart(6)}/s  ${String(cpu).padStart(4)} µs  ${all.join(' ')}`;
  });
  const ratio = (a: Variant, b: Variant) => Number(median(quotients(rates(a), rates(b))).toFixed(2));
  const ratios = {
    durableToSdk: ratio('durable', 'sdk'),
    noClaimToSdk: ratio('noClaim', 'sdk'),
    telemetryOnToOff: ratio('durable', 'durableQuiet'),
    noClaimTelemetryOnToOff: ratio('noClaim', 'noClaimQuiet'),
  };
  const title = 'server        median/s  CPU per request  each round';
  process.stdout.write(`${[title, ...lines].join('\n')}\n${JSON.stringify(ratios)}\n`);
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-bench-'));
  const credentials = generateCredentials();
  const children: ChildProcess[] = [];
  try {
    const entries: [Variant, Server][] = [];
    for (const name of NAMES) {
      const server = await startServer(name, dir, credentials);
      children.push(server.child);
      entries.push([name, server]);
    }
    const servers = entries.map(([, server]) => server);
    // Round 0 warms up and does not count.
    for (let round = 0; round <= rounds; round++) {
      const measured = await measureRound(servers, makeRequests(credentials.feishu, round));
      if (round > 0) for (const [server, result] of measured) server.rounds.push(result);
    }
    report(Object.fromEntries(entries) as Record<Variant, Server>); // one entry a variant
  } finally {
    for (const child of children) child.disconnect();
    await rm(dir, { recursive: true, force: true });
  }
}

await main();
