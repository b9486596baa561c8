// Runs one scenario: a bot, a lab and a database of its own, messages at an even pace, the disturbance, the counting.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../bot/store/open-store.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { freePort } from '../support/free-port.ts';
import { type Mariadb, startMariadb } from '../support/mariadb.ts';
import { type BotUnderWatch, startBotUnderWatch } from './bot-under-watch.ts';
import { brokenPromises, type Counts, count, type Mark } from './count.ts';
import { type Fate, fatesOf, type Unanswered } from './fates.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createRandom } from './random.ts';
import type { Database, Scenario, Size } from './scenario.ts';
import { queuesEmpty } from './settle.ts';

export interface Run {
  scenario: Scenario;
  database: Database;
  size: Size;
  seed: number;
  say(line: string): void;
}

export interface Result extends Counts {
  scenario: string;
  database: Database;
  seed: number;
  seconds: number;
  /** One sentence each; empty when every promise was kept. */
  broken: string[];
  /** Acknowledged and not answered where that was not to be expected, with their rows; the first 10. */
  unanswered: Unanswered[];
}

/** When Feishu sends an event again that was not acknowledged; DingTalk does not say, and gets the same. */
const REDELIVERY_MS = [15_000, 300_000, 3_600_000, 21_600_000];

export async function runScenario(run: Run): Promise<Result> {
  const { scenario, database, size } = run;
  const started = Date.now();
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-chaos-'));
  await mkdir(join(dir, 'data'));
  const undo = [() => rm(dir, { recursive: true, force: true })];
  try {
    const unprepare = await scenario.prepare?.(dir);
    if (unprepare) undo.push(unprepare);
    const mariadb = database === 'mariadb' ? await startMariadb() : undefined;
    if (mariadb) undo.push(mariadb.stop);
    const databaseUrl = mariadb?.url ?? `sqlite:${dir}/data/bot.db`;
    const parts = await startParts({ scenario, dir, databaseUrl, size });
    undo.push(parts.lab.stop, parts.bot.stop);
    await liftLimits(databaseUrl);
    const ledger = createLedger(parts.lab);
    const marks = await playOut(run, { ...parts, ledger, dir, mariadb });
    if (!(await queuesEmpty(parts.bot.adminUrl, size.settleMs))) run.say('the queues did not empty in time');
    const seen = await see({ ...parts, ledger, marks, databaseUrl });
    const counts = count(seen);
    const crashes = parts.bot.crashes.map((crash) => `the bot ended by itself: ${crash}`);
    return {
      scenario: scenario.name,
      database,
      seed: run.seed,
      ...counts,
      seconds: Math.round((Date.now() - started) / 1000),
      broken: [...brokenPromises(counts, scenario, seen), ...crashes],
      unanswered: seen.list.filter(({ fate }) => isUnexpected(fate, scenario)).slice(0, 10),
    };
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function isUnexpected(fate: Fate, { apologises }: Scenario): boolean {
  return fate === 'notice' ? !apologises : fate !== 'unknown';
}

interface Parts {
  lab: Lab;
  bot: BotUnderWatch;
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
  const bot = startBotUnderWatch({ dir, env, adminUrl: `http://127.0.0.1:${adminPort}` });
  try {
    await bot.ready();
  } catch (error) {
    await bot.stop();
    await lab.stop();
    throw new Error(bot.crashes.at(-1) ?? 'the bot did not become ready', { cause: error });
  }
  return { lab, bot };
}

/** The load is the load of many organisations; the limit of one would refuse it. */
async function liftLimits(databaseUrl: string): Promise<void> {
  const store = openStore(databaseUrl);
  await store.knex('tenant_config').update({ rate_limit: 1_000_000 });
  await store.close();
}

interface Played extends Parts {
  ledger: Ledger;
  dir: string;
  mariadb: Mariadb | undefined;
}

/** Sends and disturbs at the same time; resolves when every message is acknowledged or given up by the platform. */
async function playOut({ scenario, size, seed, say }: Run, { mariadb, ...parts }: Played): Promise<Mark[]> {
  const marks: Mark[] = [];
  const disturbance = scenario.disturb({
    ...parts,
    times: size.times,
    durationMs: (size.messages / size.perSecond) * 1000,
    random: createRandom(seed),
    mark: (platform) => marks.push({ at: Date.now(), platform }),
    say,
    async restartDatabase() {
      if (!mariadb) throw new Error('SQLite has no server to restart.');
      await mariadb.restart();
    },
  });
  await Promise.all([disturbance, sendAll(parts.ledger, size, say)]);
  return marks;
}

async function sendAll(ledger: Ledger, { messages, perSecond }: Size, say: (line: string) => void): Promise<void> {
  const start = Date.now();
  const sent: Promise<void>[] = [];
  for (let number = 0; number < messages; number++) {
    await sleep(Math.max(0, start + (number * 1000) / perSecond - Date.now()));
    sent.push(ledger.send(number));
    if (number > 0 && number % (20 * perSecond) === 0) say(`${number} of ${messages} sent`);
  }
  say(`${messages} of ${messages} sent; waiting for redeliveries and queues`);
  await Promise.all(sent);
}

/** Stops the bot, so that nothing changes any more, and reads its rows. */
async function see({ databaseUrl, ...parts }: Parts & { ledger: Ledger; marks: Mark[]; databaseUrl: string }) {
  await parts.bot.stop();
  const store = openStore(databaseUrl);
  try {
    return { ...parts, ...(await fatesOf(store, parts.ledger)) };
  } finally {
    await store.close();
  }
}
