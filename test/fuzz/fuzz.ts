// Sends damaged requests to a whole bot. It must not answer 5xx, hang, crash or grow, and must still reply afterwards.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoadedBot } from '../../bench/loaded-bot.ts';
import {
  botEnvironment,
  generateCredentials,
  type Lab,
  type LabCredentials,
  startLab,
} from '../../ops/lab/start-lab.ts';
import { createRandom, type Random } from '../bot/platforms/random.ts';
import { freePort } from '../support/free-port.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { residentBytes } from '../support/resident-memory.ts';
import { exchange } from './exchange.ts';
import { type GenuineRequest, genuineRequests } from './genuine.ts';
import { mutateJson } from './mutate-json.ts';
import { MUTATIONS } from './mutate-wire.ts';
import { toBytes } from './wire.ts';

export interface FuzzReport {
  requests: number;
  seed: number;
  /** Number of answers with each status; `none`: closed without an answer. */
  statuses: Record<string, number>;
  /** Forbidden results, each with the data to reproduce it. */
  findings: { what: string; kind: string; mutation: string; text: string; bytes: string }[];
  /** The first error lines in the bot's log: a damaged request must not cause one. */
  errors: string[];
  rssAfterWarmUp: number;
  rssAtEnd: number;
  /** True if a genuine message on each platform was answered at the end. */
  answered: boolean;
}

interface Input {
  kind: string;
  mutation: string;
  /** Text before sealing. */
  text: string;
  bytes: Buffer;
}

const AT_ONCE = 32;
/** Share of the requests before the first measurement of memory, while code and caches settle. */
const WARM_UP_SHARE = 0.3;
/** Inputs made from the same genuine messages. Most are duplicates then, so the bot has few messages to answer. */
const INPUTS_A_SET = 200;
const SHOWN_CHARACTERS = 3_000;
const SHOWN_ERRORS = 5;

/** Runs against a new bot. The same seed makes the same damage to messages of the same shape. */
export async function fuzz({ requests, seed }: { requests: number; seed: number }): Promise<FuzzReport> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-fuzz-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const credentials = generateCredentials();
  const lab = await startLab({ credentials, botUrl: `http://127.0.0.1:${port}`, ackWithinMs: PATIENCE_MS });
  const { MODEL_BASE_URL, MODEL_API_KEY, MODEL_NAME, ...env } = botEnvironment(credentials, lab.urls);
  try {
    const bot = await startLoadedBot({ dir, port, adminPort, databaseUrl: `sqlite:${dir}/bot.db`, env });
    try {
      const inputs = makeInputs(lab, credentials, createRandom(seed));
      const warmUp = Math.round(requests * WARM_UP_SHARE);
      const first = await sendAll(port, inputs, warmUp);
      const rssAfterWarmUp = residentBytes(bot.pid);
      const second = await sendAll(port, inputs, requests - warmUp);
      const rssAtEnd = residentBytes(bot.pid);
      const findings = [...first.findings, ...second.findings];
      const statuses = { ...first.statuses };
      for (const [status, count] of Object.entries(second.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
      const answered = await answers(lab);
      const errors = await errorsIn(join(dir, 'stdout'));
      return { requests, seed, statuses, findings, errors, rssAfterWarmUp, rssAtEnd, answered };
    } finally {
      await bot.stop();
    }
  } finally {
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function* makeInputs(lab: Lab, credentials: LabCredentials, random: Random): Generator<Input, never> {
  for (;;) {
    const genuine = genuineRequests(lab, credentials);
    for (let i = 0; i < INPUTS_A_SET; i++) yield damage(genuine[random.int(genuine.length)] as GenuineRequest, random); // never empty
  }
}

/** Damages the text before sealing, so that the signature stays valid, or the sealed request, or both. */
function damage({ kind, text: genuine, seal }: GenuineRequest, random: Random): Input {
  const inside = random.int(2) === 0;
  const text = inside ? mutateJson(genuine, random) : genuine;
  const wire = seal(text);
  if (inside && random.int(4) > 0) return { kind, mutation: 'inside', text, bytes: toBytes(wire) };
  const names = Object.keys(MUTATIONS);
  const name = names[random.int(names.length)] ?? '';
  const bytes = MUTATIONS[name]?.(wire, random) ?? toBytes(wire);
  return { kind, mutation: `${name}${inside ? ', and inside' : ''}`, text, bytes };
}

async function sendAll(port: number, inputs: Generator<Input, never>, count: number) {
  const statuses: Record<string, number> = {};
  const findings: FuzzReport['findings'] = [];
  let left = count;

  async function sendOne(): Promise<void> {
    const { kind, mutation, text, bytes } = inputs.next().value;
    const { statuses: got, hung } = await exchange(port, bytes);
    for (const status of got.length > 0 ? got : ['none']) statuses[status] = (statuses[status] ?? 0) + 1;
    const failed = got.find((status) => status >= 500);
    if (failed === undefined && !hung) return;
    const what = hung ? 'neither answered nor closed' : `answered ${failed}`;
    findings.push({ what, kind, mutation, text: shorten(text), bytes: shorten(bytes.toString('latin1')) });
  }

  const sender = async () => {
    while (left-- > 0) await sendOne();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  return { statuses, findings };
}

function shorten(text: string): string {
  return text.replaceAll(/(.)\1{50,}/g, '$1…').slice(0, SHOWN_CHARACTERS);
}

async function errorsIn(log: string): Promise<string[]> {
  const lines = (await readFile(log, 'utf8')).split('\n');
  return lines.filter((line) => line.includes('"log.level":"error"')).slice(0, SHOWN_ERRORS);
}

/** Longest wait for the last answers. The bot first replies to messages of the run, at the pace of the platforms. */
const ANSWER_TIMEOUT_MS = 600_000;

async function answers(lab: Lab): Promise<boolean> {
  const replies = (['feishu', 'dingtalk'] as const).map(async (platform) => {
    const { messageId, status } = await lab[platform].sendText({ text: 'still there?', userId: 'after the fuzzing' });
    const { text } = await lab[platform].waitForReply({ afterMessageId: messageId, timeoutMs: ANSWER_TIMEOUT_MS });
    return status === 200 && text.includes('still there?');
  });
  return (await Promise.all(replies)).every(Boolean);
}
