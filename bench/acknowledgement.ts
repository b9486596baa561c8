// Measures the time to the acknowledgement of a callback while the model is slow, and checks that each message is
// answered exactly once.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { botEnvironment, generateCredentials, type LabCredentials } from '../ops/lab/credentials.ts';
import { challengeEvent, sealEvent } from '../ops/lab/feishu/events.ts';
import { freePort } from '../test/support/free-port.ts';
import { startMariadb } from '../test/support/mariadb.ts';
import { toRequest } from './http-load.ts';
import { type LabProcess, startLabProcess } from './lab-process.ts';
import { startLoadedBot } from './loaded-bot.ts';
import { sendEvenly, spread } from './open-loop.ts';

const { values } = parseArgs({
  options: {
    /** Messages per second, both platforms together. */
    rate: { type: 'string', default: '200' },
    /** Maximum number of concurrent connections of the platforms. */
    connections: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    'model-delay-ms': { type: 'string', default: '2000' },
    /** `mariadb`, which syncs every commit, or `sqlite`. */
    database: { type: 'string', default: 'mariadb' },
    /** Folder for a CPU profile of the bot, which bench/profile-report.ts and Chrome can read. */
    profile: { type: 'string' },
    /** Maximum 99th percentile of the acknowledgements in milliseconds. Above it, the exit code is 1. */
    'max-p99-ms': { type: 'string' },
  },
});
const [rate, seconds, connections] = [Number(values.rate), Number(values.seconds), Number(values.connections)];
const modelDelayMs = Number(values['model-delay-ms']);
const maxP99Ms = Number(values['max-p99-ms'] ?? Number.POSITIVE_INFINITY);

/** Number of chats. It is large enough that no message waits for the previous answer of its chat. */
const CHATS = 2_000;
const CHALLENGES_PER_SECOND = 4;
/** Milliseconds without a new answer after which the benchmark stops waiting. */
const PATIENCE_MS = 30_000;

function challenges(app: LabCredentials['feishu'], botUrl: string): Buffer[] {
  const url = `${botUrl}/feishu/verify`;
  const seal = { url, encryptKey: app.encryptKey, encrypted: true, signed: false, now: Date.now() };
  const count = seconds * CHALLENGES_PER_SECOND;
  return Array.from({ length: count }, () => toRequest(sealEvent({ ...seal, payload: challengeEvent(app) })));
}

/** Waits until all messages are answered, or no more answers arrive. Then waits for duplicate answers. */
async function drained(lab: LabProcess, messages: number): Promise<{ answered: number; twice: number }> {
  let [seen, since] = [-1, performance.now()];
  while (seen < messages && performance.now() - since < PATIENCE_MS) {
    const { answered } = await lab.tally();
    if (answered !== seen) [seen, since] = [answered, performance.now()];
    await sleep(200);
  }
  await sleep(3_000);
  return lab.tally();
}

/** Returns the number of statements since the start of the server; NaN for SQLite, which does not count them. */
async function statements(databaseUrl: string): Promise<number> {
  if (!databaseUrl.startsWith('mysql:')) return Number.NaN;
  const connection = await createConnection(databaseUrl);
  try {
    const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Questions'");
    return Number(rows[0]?.Value);
  } finally {
    await connection.end();
  }
}

async function run(databaseUrl: string, dir: string): Promise<boolean> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const botUrl = `http://127.0.0.1:${port}`;
  const credentials = generateCredentials();
  const lab = await startLabProcess({ credentials, botUrl, modelDelayMs });
  const env = botEnvironment(credentials, lab.urls);
  const bot = await startLoadedBot({ dir, port, adminPort, databaseUrl, env, profileTo: values.profile });
  try {
    const requests = (await lab.build({ count: rate * seconds, chats: CHATS })).map(toRequest);
    const start = performance.now();
    const [sent, checks] = await Promise.all([
      sendEvenly(port, requests, { perSecond: rate, connections }),
      sendEvenly(port, challenges(credentials.feishu, botUrl), { perSecond: CHALLENGES_PER_SECOND, connections: 4 }),
    ]);
    const { answered, twice } = await drained(lab, requests.length);
    const result = {
      database: values.database,
      perSecond: rate,
      connections,
      seconds,
      modelDelayMs,
      messages: requests.length,
      ackMs: spread(sent.map(({ ackMs }) => ackMs)),
      challengeMs: spread(checks.map(({ ackMs }) => ackMs)),
      sentLateMs: spread(sent.map(({ lateMs }) => lateMs)),
      notAcknowledged: [...sent, ...checks].filter(({ reply }) => reply?.status !== 200).length,
      answered,
      twice,
      unanswered: requests.length - answered,
      botCpuSeconds: bot.cpuSeconds(),
      statementsPerMessage: (await statements(databaseUrl)) / requests.length,
      drainedAfterSeconds: Math.round((performance.now() - start) / 1000) - 3,
    };
    process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    const allAnsweredOnce = result.notAcknowledged === 0 && twice === 0 && result.unanswered === 0;
    return allAnsweredOnce && result.ackMs.p99 <= maxP99Ms;
  } finally {
    await bot.stop();
    lab.stop();
  }
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-bench-'));
  const mariadb =
    values.database === 'mariadb' ? await startMariadb(['--innodb-flush-log-at-trx-commit=1']) : undefined;
  try {
    process.exitCode = (await run(mariadb?.url ?? `sqlite:${dir}/bot.db`, dir)) ? 0 : 1;
  } finally {
    await mariadb?.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

await main();
