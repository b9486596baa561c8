// Sends messages on both platforms through a running bot while the model takes its time, and counts: every one answered, none twice, how soon the platform had its acknowledgement.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openStore } from '../bot/store/open-store.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../ops/lab/start-lab.ts';
import { ready, startBotProcess } from '../test/support/bot-process.ts';
import { freePort } from '../test/support/free-port.ts';
import { startMariadb } from '../test/support/mariadb.ts';

const PLATFORMS = ['feishu', 'dingtalk'] as const;
const CHATS = 100;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000' },
    'model-delay-ms': { type: 'string', default: '2000' },
    'messages-per-second': { type: 'string', default: '50' },
    database: { type: 'string', default: 'sqlite' },
  },
});

interface Result {
  database: string;
  platform: string;
  messages: number;
  modelDelayMs: number;
  answered: number;
  answeredTwice: number;
  notAcknowledged: number;
  ackP50Ms: number;
  ackP99Ms: number;
  ackMaxMs: number;
  seconds: number;
}

/** Sends at an even pace to many chats and resolves with the acknowledgement times; negative where there was none. */
async function send(
  lab: Lab,
  platform: (typeof PLATFORMS)[number],
  messages: number,
  pauseMs: number,
): Promise<number[]> {
  const acks: Promise<number>[] = [];
  for (let i = 0; i < messages; i++) {
    const chatId = platform === 'feishu' ? `oc_bench${i % CHATS}` : `cidBench${i % CHATS}`;
    const sent = lab[platform].sendText({ text: `number ${i}.`, chatId });
    acks.push(sent.then((answer) => (answer.status === 200 ? answer.ackMs : -1)));
    await sleep(pauseMs);
  }
  return Promise.all(acks);
}

function repliesByNumber(lab: Lab, platform: (typeof PLATFORMS)[number]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of lab[platform].sent) {
    const number = /number (\d+)\./.exec(text)?.[1];
    if (number !== undefined) counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

/** Waits until all are answered, or until nothing new has come for 30 s. */
async function settled(lab: Lab, messages: number): Promise<void> {
  let [seen, since] = [-1, Date.now()];
  while (Date.now() - since < 30_000) {
    const count = PLATFORMS.reduce((sum, platform) => sum + repliesByNumber(lab, platform).size, 0);
    if (count === messages * PLATFORMS.length) break;
    if (count !== seen) [seen, since] = [count, Date.now()];
    await sleep(200);
  }
  // A second answer to the last message would come now.
  await sleep(3_000);
}

async function run(databaseUrl: string, database: string): Promise<Result[]> {
  const messages = Number(values.messages);
  const modelDelayMs = Number(values['model-delay-ms']);
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-bench-'));
  const [port, adminPort] = [await freePort(), await freePort()];
  const credentials = generateCredentials();
  const lab = await startLab({ credentials, botUrl: `http://127.0.0.1:${port}`, modelDelayMs });
  const bot = startBotProcess(dir, {
    ...botEnvironment(credentials, lab.urls),
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    DATABASE_URL: databaseUrl.replace('<dir>', dir),
    SESSIONS_MAX: String(10 * CHATS),
  });
  try {
    await ready(`http://127.0.0.1:${adminPort}`);
    const store = openStore(databaseUrl.replace('<dir>', dir));
    await store.knex('tenant_config').update({ rate_limit: 1_000_000 });
    await store.close();
    const start = Date.now();
    const pauseMs = 1000 / Number(values['messages-per-second']);
    const acks = await Promise.all(PLATFORMS.map((platform) => send(lab, platform, messages, pauseMs)));
    await settled(lab, messages);
    return PLATFORMS.map((platform, i) => {
      const counts = [...repliesByNumber(lab, platform).values()];
      const sorted = (acks[i] ?? []).filter((ms) => ms >= 0).sort((a, b) => a - b);
      return {
        database,
        platform,
        messages,
        modelDelayMs,
        answered: counts.length,
        answeredTwice: counts.filter((count) => count > 1).length,
        notAcknowledged: messages - sorted.length,
        ackP50Ms: quantile(sorted, 0.5),
        ackP99Ms: quantile(sorted, 0.99),
        ackMaxMs: sorted.at(-1) ?? 0,
        seconds: Math.round((Date.now() - start) / 1000) - 3,
      };
    });
  } finally {
    await bot.end('SIGTERM');
    await lab.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const mariadb = values.database === 'mariadb' ? await startMariadb() : undefined;
  try {
    const results = await run(mariadb?.url ?? 'sqlite:<dir>/bot.db', values.database);
    for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
    const good = results.every((r) => r.answered === r.messages && r.answeredTwice === 0 && r.notAcknowledged === 0);
    process.exitCode = good ? 0 : 1;
  } finally {
    await mariadb?.stop();
  }
}

await main();
