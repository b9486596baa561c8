// Sends a day's load of many people through a whole bot on SQLite, and measures its memory.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadedBot, startLoadedBot } from '../../bench/loaded-bot.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { freePort } from '../support/free-port.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { createReplyTally, numbered, type ReplyTally } from '../support/reply-tally.ts';
import { residentBytes } from '../support/resident-memory.ts';

export interface SoakOptions {
  /** Total of messages; `2 * sessions` of them are the warm-up and the first message of each session. */
  messages: number;
  /** Number of people, each with a separate conversation. */
  sessions: number;
  /** Longest wait of the platforms for an acknowledgement in milliseconds (default: theirs). */
  ackWithinMs?: number;
  /** Called once a second with the progress. */
  onProgress?: (text: string) => void;
}

/** Memory in bytes, as the kernel counts it. */
export interface SoakReport {
  messages: number;
  /** Conversations in the bot's status after every person has written. */
  sessions: number;
  seconds: number;
  answered: number;
  twice: number;
  /** DingTalk replies with an unknown outcome: listed for the operator, and not resent. */
  unknown: number;
  notAcknowledged: number;
  rss: { atStart: number; warm: number; withSessions: number; atEnd: number; max: number };
  bytesPerSession: number;
}

/** Shares of the load, because Feishu's limits allow more messages than DingTalk's. */
const SHARES = { feishu: 5 / 7, dingtalk: 2 / 7 } as const;
type Platform = keyof typeof SHARES;
const PLATFORMS = ['feishu', 'dingtalk'] as const;

/** Unanswered messages at the same time, over both platforms. */
const AT_ONCE = 84;
const WARM_UP_PEOPLE = 100;
/** Settings without pacing. At the platforms' default rates a day's load would take hours. */
const UNPACED = { FEISHU_MESSAGES_PER_MINUTE: '1000000', DINGTALK_MESSAGES_PER_SECOND: '10000' };
/** Long time limits of the model. An apology has no number, so a slow machine must not cause one. */
const LONG_MODEL_TIMEOUTS = {
  MODEL_TIMEOUT_MS: String(PATIENCE_MS),
  MODEL_FIRST_TOKEN_TIMEOUT_MS: String(PATIENCE_MS),
};
/** Delays of redeliveries. A slow machine causes them, and they must not cause a second answer. */
const REDELIVERIES_MS = [1_000, 5_000, 15_000];

interface Load {
  lab: Lab;
  tally: ReplyTally;
  waiting: Map<number, () => void>;
  /** Number of the next message. */
  nextNumber: number;
  notAcknowledged: number;
}

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-soak-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const credentials = generateCredentials();
  const lab = await startLab({
    credentials,
    botUrl: `http://127.0.0.1:${port}`,
    retryDelaysMs: REDELIVERIES_MS,
    ...(options.ackWithinMs === undefined ? {} : { ackWithinMs: options.ackWithinMs }),
  });
  const env = { ...botEnvironment(credentials, lab.urls), ...UNPACED, ...LONG_MODEL_TIMEOUTS };
  try {
    const bot = await startLoadedBot({ dir, port, adminPort, databaseUrl: `sqlite:${dir}/bot.db`, env });
    try {
      return await run({ ...options, lab, bot, adminPort });
    } finally {
      await bot.stop();
    }
  } finally {
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

interface SoakRun extends SoakOptions {
  lab: Lab;
  bot: LoadedBot;
  adminPort: number;
}

async function run({ messages, sessions, onProgress, lab, bot, adminPort }: SoakRun): Promise<SoakReport> {
  const tally = createReplyTally([lab.feishu.sent, lab.dingtalk.sent]);
  const load: Load = { lab, tally, waiting: new Map(), nextNumber: 0, notAcknowledged: 0 };
  const start = performance.now();
  let max = 0;
  const watching = setInterval(() => {
    max = Math.max(max, residentBytes(bot.pid));
    onProgress?.(`${tally.read().answered} of ${messages} answered, ${Math.round(max / 2 ** 20)} MiB at most`);
  }, 1_000);
  const reading = setInterval(() => resolveAnswered(load), 10);
  try {
    const atStart = residentBytes(bot.pid);
    await send(load, sessions, WARM_UP_PEOPLE);
    const warm = await restingMemory(bot);
    await send(load, sessions, sessions);
    const withSessions = await restingMemory(bot);
    const { sessions: conversations } = await statusOf(adminPort);
    await send(load, messages - 2 * sessions, sessions);
    const atEnd = residentBytes(bot.pid);
    const { queues } = await statusOf(adminPort);
    return {
      messages,
      sessions: conversations.active,
      seconds: Math.round((performance.now() - start) / 1000),
      ...tally.read(),
      unknown: queues.outbox.unknown,
      notAcknowledged: load.notAcknowledged,
      rss: { atStart, warm, withSessions, atEnd, max: Math.max(max, atEnd) },
      bytesPerSession: Math.round((withSessions - warm) / sessions),
    };
  } finally {
    clearInterval(watching);
    clearInterval(reading);
  }
}

/** Sends `count` messages of `people` people. Each slot sends its next message after the answer to the previous one. */
async function send(load: Load, count: number, people: number): Promise<void> {
  const slots = PLATFORMS.flatMap((platform) => {
    const share = (all: number) => Math.max(1, Math.round(all * SHARES[platform]));
    const numbers = Array.from(
      { length: share(count) },
      (_, i) => [load.nextNumber++, i % share(people)] as const,
    ).values();
    return Array.from({ length: share(AT_ONCE) }, async () => {
      for (const [number, person] of numbers) await sendAndWait(load, platform, { number, person: `person ${person}` });
    });
  });
  await Promise.all(slots);
}

interface Question {
  number: number;
  person: string;
}

async function sendAndWait(load: Load, platform: Platform, { number, person }: Question): Promise<void> {
  const { lab, waiting } = load;
  const answered = new Promise<void>((resolve) => waiting.set(number, resolve));
  const message = {
    text: numbered(number),
    userId: person,
    chatId: `${platform === 'feishu' ? 'oc_' : 'cid'}${person}`,
  };
  const { status } = await lab[platform].sendText(message);
  if (status !== 200) load.notAcknowledged += 1;
  const timeout = new AbortController();
  // After this time the answer counts as lost.
  const lost = sleep(PATIENCE_MS, undefined, { signal: timeout.signal }).catch(() => undefined);
  await Promise.race([answered, lost]);
  timeout.abort();
  waiting.delete(number);
}

function resolveAnswered({ tally, waiting }: Load): void {
  tally.read();
  for (const [number, resolve] of waiting) if (tally.has(number)) resolve();
}

/** Returns the minimum of several samples without load, so that garbage is collected in between. */
async function restingMemory(bot: LoadedBot): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    await sleep(100);
    least = Math.min(least, residentBytes(bot.pid));
  }
  return least;
}

/** The members of `GET /status` that this program reads, see ARCHITECTURE.md. */
interface Status {
  sessions: { active: number };
  queues: { outbox: { unknown: number } };
}

async function statusOf(adminPort: number): Promise<Status> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/status`);
  return (await response.json()) as Status;
}
