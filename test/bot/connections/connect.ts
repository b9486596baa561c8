// Connects to the lab without the rest of a bot. The test chooses the timing and which events are stored.
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

/** Short delays for tests; each connection counts as stable at once. The other timeouts hold on a busy machine. */
const shortTiming: Timing = {
  openMs: 3_000,
  pingMs: 50,
  pongMs: 3_000,
  stableMs: 0,
  firstWaitMs: 20,
  longestWaitMs: 100,
  rejectedWaitMs: 2_000,
  drainMs: PATIENCE_MS,
};

export interface Connected {
  /** Results that were passed on to be stored. */
  received: CallbackResult[];
  lines: (LogFields & { level: string; message: string })[];
  facts(): ConnectionFacts;
  /** Returns the log lines of one `event.action`. */
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

/** Starts the lab. Its callbacks go to a port without a listener. */
export async function startLabSide(): Promise<LabSide> {
  const credentials = generateCredentials();
  const lab = await startLab({ credentials, botUrl: 'http://127.0.0.1:9' });
  return { lab, env: botEnvironment(credentials, lab.urls) };
}

/** Starts to connect. Does not wait until the connection is open. */
export function connect({ env }: LabSide, options: ConnectOptions): Connected {
  const settings = loadSettings({ env: { ...env, ...inputs[options.platform] }, dir: tmpdir() });
  const received: CallbackResult[] = [];
  const lines: Connected['lines'] = [];
  const http = createHttpClient();
  const metrics = createMetrics({
    platforms: descriptors(),
    version: '1',
    commit: 'c',
    sessionsLimit: 1,
    models: ['offline'],
  });
  const timing = { ...shortTiming, ...options.timing };
  const connections = createConnections({
    settings,
    channels: new Map(),
    http,
    metrics,
    log: collect(lines),
    clock: Date.now,
    timing,
  });
  connections.start(async (platform, result) => {
    received.push(result);
    return options.admit?.(platform, result) ?? { status: 200 };
  });
  const facts = () => {
    const [only] = connections.facts();
    if (!only) throw new Error('no connection is configured');
    return only;
  };
  return {
    received,
    lines,
    facts,
    actions: (action) => lines.filter((line) => line['event.action'] === action),
    up: () => waitUntil('the connection is open', () => facts().up),
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
