// Starts a bot and the lab in this process: real listeners, real signatures, a new database.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bot, createBot } from '../../bot/app/create-bot.ts';
import { loadSettings } from '../../bot/config/load-settings.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { parseCompleteLines } from './complete-lines.ts';
import { freePort } from './free-port.ts';

export interface BotAndLab {
  lab: Lab;
  bot: Bot;
  url: string;
  adminUrl: string;
  env: Record<string, string>;
  dir: string;
  /** Resolves with the lines of `app.log` or `callback.log` as objects. */
  logLines(file?: 'app' | 'callback'): Promise<Record<string, unknown>[]>;
  /** Resolves with the value of one series, see `readMetric`. */
  metric(series: string): Promise<number>;
  /** Stops the bot and starts another one on the same database, with changes of the environment. */
  restart(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export interface BotAndLabOptions {
  env?: Record<string, string>;
  /** If true, the lab's model answers instead of the offline model. */
  model?: boolean;
  modelDelayMs?: number;
  clock?: () => number;
}

export async function startBotAndLab(options: BotAndLabOptions = {}): Promise<BotAndLab> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-test-'));
  const port = await freePort();
  const credentials = generateCredentials();
  const url = `http://127.0.0.1:${port}`;
  const lab = await startLab({
    credentials,
    botUrl: url,
    modelDelayMs: options.modelDelayMs ?? 0,
    ackWithinMs: PATIENCE_MS,
  });
  const env: Record<string, string> = {
    ...withoutModel(botEnvironment(credentials, lab.urls), options.model ?? false),
    HOST: '127.0.0.1',
    PORT: String(port),
    ADMIN_PORT: '0',
    DATABASE_URL: `sqlite:${dir}/bot.db`,
    LOG_DIR: `${dir}/log`,
    LOG_LEVEL: 'debug',
    // On a busy machine every answer is slow. A test of growing answers sets its own value.
    THINKING_AFTER_MS: '0',
    ...options.env,
  };
  const start = async () => {
    const settings = loadSettings({ env, dir });
    const bot = createBot({ settings, stdout: false, ...(options.clock ? { clock: options.clock } : {}) });
    const { adminPort } = await bot.start();
    return { bot, adminUrl: `http://127.0.0.1:${adminPort}` };
  };
  const running: BotAndLab = {
    lab,
    url,
    env,
    dir,
    ...(await start()),
    async logLines(file = 'app') {
      return parseCompleteLines(await readFile(`${dir}/log/${file}.log`, 'utf8'));
    },
    metric: (series) => readMetric(running.adminUrl, series),
    async restart(changes = {}) {
      await running.bot.stop();
      Object.assign(env, changes);
      Object.assign(running, await start());
    },
    async stop() {
      await running.bot.stop();
      await lab.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return running;
}

/**
 * Resolves with the value of one series of `/metrics`. Rejects if there is none.
 * Example: `chatbot_pushes_total{platform="feishu",outcome="sent"}`.
 */
export async function readMetric(adminUrl: string, series: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  if (line === undefined) throw new Error(`No series ${series}`);
  return Number(line.slice(series.length + 1));
}

function withoutModel(env: Record<string, string>, model: boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => model || !name.startsWith('MODEL_')));
}
