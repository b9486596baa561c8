// The connections of a bot alone, against the lab: what is kept, and how fast time passes, is the test's choice.
import { tmpdir } from 'node:os';
import { loadSettings } from '../../../bot/config/load-settings.ts';
import { type Admit, createConnections } from '../../../bot/connections/create-connections.ts';
import type { ConnectionFacts } from '../../../bot/connections/facts.ts';
import type { CallbackResult } from '../../../bot/domain/callback.ts';
import type { Timing } from '../../../bot/domain/connection.ts';
import { createHttpClient } from '../../../bot/http-client/http-client.ts';
import { descriptors } from '../../../bot/platforms/registry.ts';
import type { LogFields, Logger } from '../../../bot/telemetry/logger.ts';
import { createMetrics } from '../../../bot/telemetry/metrics.ts';
import { botEnvironment, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

export type PlatformName = 'feishu' | 'dingtalk';

const inputs = { feishu: { FEISHU_INPUT: 'websocket' }, dingtalk: { DINGTALK_INPUT: 'stream' } };

/** Short waits where a test waits for their end, and every connection stable at once. A busy machine meets the others. */
const hasty: Timing = {
  openMs: 3_000,
  pingMs: 50,
  pongMs: 3_000,
  stableMs: 0,
  firstWaitMs: 20,
  longestWaitMs: 100,
  refusedWaitMs: 2_000,
  drainMs: PATIENCE_MS,
};

export interface Connected {
  /** Verdicts that were handed in to be kept. */
  taken: CallbackResult[];
  lines: (LogFields & { level: string; message: string })[];
  facts(): ConnectionFacts;
  /** Lines of one `event.action`. */
  actions(action: string): LogFields[];
  up(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface ConnectOptions {
  platform: PlatformName;
  timing?: Partial<Timing>;
  admit?: Admit;
}

export interface LabSide {
  lab: Lab;
  /** The settings that a bot needs for this lab. */
  env: Record<string, string>;
}

/** Nothing listens where the lab would send callbacks. */
export async function startLabSide(): Promise<LabSide> {
  const credentials = generateCredentials();
  const lab = await startLab({ credentials, botUrl: 'http://127.0.0.1:9' });
  return { lab, env: botEnvironment(credentials, lab.urls) };
}

/** Does not wait until the connection stands. */
export function connect({ env }: LabSide, options: ConnectOptions): Connected {
  const settings = loadSettings({ env: { ...env, ...inputs[options.platform] }, dir: tmpdir() });
  const taken: CallbackResult[] = [];
  const lines: Connected['lines'] = [];
  const http = createHttpClient();
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 1,
    models: ['offline'],
  });
  const timing = { ...hasty, ...options.timing };
  const connections = createConnections({
    settings,
    channels: new Map(),
    http,
    metrics,
    log: collect(lines),
    clock: Date.now,
    timing,
  });
  connections.start(async (platform, verdict) => {
    taken.push(verdict);
    return options.admit?.(platform, verdict) ?? { status: 200 };
  });
  const facts = () => {
    const [only] = connections.facts();
    if (!only) throw new Error('no connection is configured');
    return only;
  };
  return {
    taken,
    lines,
    facts,
    actions: (action) => lines.filter((line) => line['event.action'] === action),
    up: () => waitUntil('the connection stands', () => facts().up),
    async stop() {
      await connections.stop();
      http.close();
      metrics.stop();
    },
  };
}

function collect(lines: Connected['lines']): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ ...fields, level, message });
  const log: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
    close: async () => undefined,
  };
  return log;
}
