// Measures the callbacks per second of the public listener and of the SDK of the vendor, which verifies callbacks and
// stores nothing.

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

/** Result of one round of one server. */
interface Round {
  perSecond: number;
  /** CPU time of the server per request, in microseconds. */
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
  const unusedUrl = 'http://127.0.0.1:9';
  const urls = { page: unusedUrl, feishu: unusedUrl, dingtalk: unusedUrl, model: unusedUrl };
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
  return message as Progress; // the reply of serveBenchmark
}

/** Creates messages with new ids, each signed and encrypted. */
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

/**
 * Turns of each server in a round. The servers alternate, so that a short slowdown of the machine affects all of them.
 */
const TURNS = 10;

interface Turn {
  seconds: number;
  cpuMicros: number;
}

async function runTurn(server: Server, batch: Buffer[]): Promise<Turn> {
  const before = await progressOf(server);
  const seconds = await sendAll(server.port, batch, connections);
  const after = await progressOf(server);
  const handled = after.handled - before.handled;
  if (handled !== batch.length) throw new Error(`${handled} of ${batch.length} messages were accepted.`);
  return { seconds, cpuMicros: after.cpuMicros - before.cpuMicros };
}

/** Measures one round of all servers. They run in turn, and in reverse order every second turn. */
async function measureRound(servers: readonly Server[], batch: Buffer[]): Promise<Map<Server, Round>> {
  const turns = new Map<Server, Turn[]>(servers.map((server) => [server, []]));
  const each = Math.ceil(batch.length / TURNS);
  for (let turn = 0; turn * each < batch.length; turn += 1) {
    const part = batch.slice(turn * each, (turn + 1) * each);
    const order = turn % 2 === 0 ? servers : [...servers].reverse();
    for (const server of order) turns.get(server)?.push(await runTurn(server, part));
  }
  const toRound = (results: Turn[]): Round => {
    const sum = (of: keyof Turn) => results.reduce((total, turn) => total + turn[of], 0);
    const [perSecond, cpuMicros] = [batch.length / sum('seconds'), sum('cpuMicros') / batch.length];
    return { perSecond: Math.round(perSecond), cpuMicros: Math.round(cpuMicros) };
  };
  return new Map([...turns].map(([server, results]) => [server, toRound(results)]));
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Returns the ratio of each round, because a slowdown of the machine affects both servers of a round. */
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
    // Round 0 warms up and is not counted.
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
