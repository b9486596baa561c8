// Runs one scenario: starts bot, lab and database, sends messages evenly, runs the disturbance, counts the results.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../bot/store/open-store.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { freePort } from '../support/free-port.ts';
import { type Mariadb, startMariadb } from '../support/mariadb.ts';
import { type Counts, count, type RecoveryStart, type RunObservation, violatedGuarantees } from './count.ts';
import { type Fate, fatesOf, type Unanswered } from './fates.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRandom } from './random.ts';
import { type RestartingBot, startRestartingBot } from './restarting-bot.ts';
import type { Database, Scenario, Size } from './scenario.ts';
import { queuesEmpty } from './settle.ts';

export interface Run {
  scenario: Scenario;
  database: Database;
  size: Size;
  seed: number;
  /** Prints a line of progress. */
  log(line: string): void;
}

export interface Result extends Counts {
  scenario: string;
  database: Database;
  seed: number;
  seconds: number;
  /** One sentence for each violated guarantee. */
  broken: string[];
  /** The first 10 acknowledged messages that unexpectedly have no answer, with their rows. */
  unanswered: Unanswered[];
}

/**
 * Delays of Feishu's redeliveries. DingTalk documents no schedule, so the lab uses the same.
 * https://open.feishu.cn/document/server-docs/event-subscription-guide/overview (read 2026-11)
 */
const REDELIVERY_MS = [15_000, 300_000, 3_600_000, 21_600_000];

export async function runScenario(run: Run): Promise<Result> {
  const { scenario, database, size } = run;
  const started = Date.now();
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-chaos-'));
  await mkdir(join(dir, 'data'));
  const cleanups = [() => rm(dir, { recursive: true, force: true })];
  try {
    const cleanup = await scenario.prepare?.(dir);
    if (cleanup) cleanups.push(cleanup);
    const mariadb = database === 'mariadb' ? await startMariadb() : undefined;
    if (mariadb) cleanups.push(mariadb.stop);
    const databaseUrl = mariadb?.url ?? `sqlite:${dir}/data/bot.db`;
    const parts = await startParts({ scenario, dir, databaseUrl, size });
    cleanups.push(parts.lab.stop, parts.bot.stop);
    await raiseTenantLimit(databaseUrl);
    const ledger = createLedger(parts.lab);
    const recoveryStarts = await sendAndDisturb(run, { ...parts, ledger, dir, mariadb });
    if (!(await queuesEmpty(parts.bot.adminUrl, size.settleMs))) run.log('the queues did not become empty in time');
    const observation = await observe({ ...parts, ledger, recoveryStarts, databaseUrl });
    const counts = count(observation);
    const crashes = parts.bot.crashes.map((crash) => `the bot ended by itself: ${crash}`);
    return {
      scenario: scenario.name,
      database,
      seed: run.seed,
      ...counts,
      seconds: Math.round((Date.now() - started) / 1000),
      broken: [...violatedGuarantees(counts, scenario, observation), ...crashes],
      unanswered: observation.list.filter(({ fate }) => isUnexpected(fate, scenario)).slice(0, 10),
    };
  } finally {
    for (const step of cleanups.reverse()) await step();
  }
}

function isUnexpected(fate: Fate, { apologises }: Scenario): boolean {
  return fate === 'notice' ? !apologises : fate !== 'unknown';
}

interface Parts {
  lab: Lab;
  bot: RestartingBot;
}

async function startParts(setup: { scenario: Scenario; dir: string; databaseUrl: string; size: Size }): Promise<Parts> {
  const { scenario, dir, databaseUrl, size } = setup;
  const [port, adminPort] = [await freePort(), await freePort()];
  const credentials = generateCredentials();
  const retryDelaysMs = REDELIVERY_MS.map((ms) => ms / size.compress);
  const botUrl = `http://127.0.0.1:${port}`;
  const { modelDelayMs = 300, ackWithinMs } = size;
  const lab = await startLab({
    credentials,
    botUrl,
    modelDelayMs,
    retryDelaysMs,
    ...(ackWithinMs ? { ackWithinMs } : {}),
  });
  const env = {
    ...botEnvironment(credentials, lab.urls),
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    DATABASE_URL: databaseUrl,
    SESSIONS_MAX: '1000',
    SENDER_RATE_LIMIT: '0',
    ...scenario.env?.(dir),
  };
  const bot = startRestartingBot({ dir, env, adminUrl: `http://127.0.0.1:${adminPort}` });
  try {
    await bot.ready();
  } catch (error) {
    await bot.stop();
    await lab.stop();
    throw new Error(bot.crashes.at(-1) ?? 'the bot did not become ready', { cause: error });
  }
  return { lab, bot };
}

/** Raises the rate limit of the tenant, because the load is that of many organisations. */
async function raiseTenantLimit(databaseUrl: string): Promise<void> {
  const store = openStore(databaseUrl);
  await store.knex('tenant_config').update({ rate_limit: 1_000_000 });
  await store.close();
}

interface RunningParts extends Parts {
  ledger: Ledger;
  dir: string;
  mariadb: Mariadb | undefined;
}

/**
 * Sends the messages and runs the disturbance at the same time. Resolves when every message is acknowledged or given up
 * by the platform.
 */
async function sendAndDisturb(
  { scenario, size, seed, log }: Run,
  { mariadb, ...parts }: RunningParts,
): Promise<RecoveryStart[]> {
  const recoveryStarts: RecoveryStart[] = [];
  const disturbance = scenario.disturb({
    ...parts,
    times: size.times,
    durationMs: (size.messages / size.perSecond) * 1000,
    random: createRandom(seed),
    startRecovery: (platform) => recoveryStarts.push({ at: Date.now(), platform }),
    log,
    async restartDatabase() {
      if (!mariadb) throw new Error('SQLite has no server to restart.');
      await mariadb.restart();
    },
  });
  await Promise.all([disturbance, sendAll(parts.ledger, size, log)]);
  return recoveryStarts;
}

async function sendAll(ledger: Ledger, { messages, perSecond }: Size, log: (line: string) => void): Promise<void> {
  const start = Date.now();
  const sent: Promise<void>[] = [];
  for (let number = 0; number < messages; number++) {
    await sleep(Math.max(0, start + (number * 1000) / perSecond - Date.now()));
    sent.push(ledger.send(number));
    if (number > 0 && number % (20 * perSecond) === 0) log(`${number} of ${messages} sent`);
  }
  log(`${messages} of ${messages} sent; waiting for redeliveries and queues`);
  await Promise.all(sent);
}

interface StoppingParts extends Parts, Pick<RunObservation, 'recoveryStarts'> {
  ledger: Ledger;
  databaseUrl: string;
}

/** Stops the bot, so that its rows no longer change, and reads them. */
async function observe({ databaseUrl, ...parts }: StoppingParts) {
  await parts.bot.stop();
  const store = openStore(databaseUrl);
  try {
    return { ...parts, ...(await fatesOf(store, parts.ledger)) };
  } finally {
    await store.close();
  }
}
