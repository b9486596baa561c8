// Creates the bot from its parts, starts it, and shuts it down in order.
import { createAlertReceivers } from '../alerts/receivers.ts';
import { createRelay } from '../alerts/relay.ts';
import type { Settings } from '../config/settings.ts';
import { createAdminApp } from '../http/admin-app.ts';
import { type Listener, listen } from '../http/listen.ts';
import { createPublicApp } from '../http/public-app.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { createLineLimit } from '../intake/line-limit.ts';
import { callbackRoutes } from '../platforms/registry.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open-store.ts';
import { lockForBot, type OwnerLock } from '../store/sqlite/owner-lock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createWorkers, type Workers } from './create-workers.ts';
import { createParts, type Parts } from './parts.ts';

export interface Bot {
  /**
   * Migrates the database, then starts the listeners and the workers. Rejects with a text for the operator. Also
   * rejects if `stop` is called before the start is complete.
   */
  start(): Promise<{ port: number; adminPort: number }>;
  /**
   * Shuts down in this order: intake, work in progress, files and connections. Safe to call twice and during the start.
   */
  stop(): Promise<void>;
  /** Logs an uncaught error. `origin` is the name of Node's event. Never throws. */
  logCrash(error: unknown, origin: string): void;
}

export interface BotOptions {
  settings: Settings;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** If true, log lines also go to stdout. Default true. */
  stdout?: boolean;
  /** Compiled program of the log thread. If undefined, this thread writes the log lines. */
  logThread?: URL;
}

/** Share of `SHUTDOWN_TIMEOUT_MS` given to work in progress. After that time the work is aborted. */
const GRACE_SHARE = 0.6;

/** Maximum concurrent connections of the admin listener. */
export const ADMIN_CONNECTIONS = 200;

/** Parts that are created by `start`. */
interface StartedParts {
  /** Lock of an SQLite file. Undefined with MariaDB, which several bots may share. */
  lock?: OwnerLock;
  admin?: Listener;
  public?: Listener;
}

export function createBot({ settings, clock = Date.now, stdout = true, logThread }: BotOptions): Bot {
  let draining = false;
  const parts = createParts({ settings, clock, stdout, logThread, isDraining: () => draining });
  const workers = createWorkers(parts);
  const started: StartedParts = {};
  let starting: ReturnType<Bot['start']> | undefined;
  let stopping: Promise<void> | undefined;
  let releasing: Promise<void> | undefined;
  const releaseAll = () => {
    releasing ??= release(parts, started);
    return releasing;
  };
  const throwIfStopping = () => {
    if (draining) throw new StartAbortedError();
  };

  async function startOrRelease(): ReturnType<Bot['start']> {
    try {
      return await start({ parts, workers, started, throwIfStopping });
    } catch (error) {
      await Promise.all([started.public?.stop(), started.admin?.stop()]);
      // If a stop waits for this start, the stop logs its own line and releases the rest.
      if (!draining) {
        parts.log.error('Bot did not start', { 'event.action': 'bot-start-failed', error });
        await releaseAll();
      }
      throw error;
    }
  }

  async function stopAll(): Promise<void> {
    const { log, settings } = parts;
    log.info('Bot is stopping', { 'event.action': 'bot-stopping', 'chatbot.profile': settings.profile });
    const runs = await starting?.then(
      () => true,
      () => false,
    );
    if (runs) await stopParts(parts, workers, started);
    log.info('Bot has stopped', { 'event.action': 'bot-stopped', 'chatbot.profile': settings.profile });
    await releaseAll();
  }

  return {
    start() {
      starting ??= startOrRelease();
      return starting;
    },
    stop() {
      draining = true;
      stopping ??= stopAll();
      return stopping;
    },
    logCrash(error, origin) {
      parts.log.error('Bot has crashed', { 'event.action': 'bot-crashed', 'event.reason': origin, error });
    },
  };
}

/** Thrown by a start if `stop` is called before the start is complete. */
class StartAbortedError extends Error {
  constructor() {
    super('stopped during the start');
    this.name = 'StartAbortedError';
  }
}

interface StartDeps {
  parts: Parts;
  workers: Workers;
  started: StartedParts;
  /** Throws `StartAbortedError` once `stop` was called. */
  throwIfStopping: () => void;
}

async function start({ parts, workers, started, throwIfStopping }: StartDeps): ReturnType<Bot['start']> {
  const { settings, channels, inbox, metrics, activity, log, store, tenants, connections, retention } = parts;
  if (store.file !== undefined) started.lock = await lockForBot(store.file);
  await store.connect();
  throwIfStopping();
  const ran = await migrateDatabase(settings.DATABASE_URL);
  if (ran.length > 0) log.info('Database migrated', { 'chatbot.migrations': ran });
  throwIfStopping();
  await tenants.ensureDefault();
  throwIfStopping();
  started.admin = await listenAdmin(parts);
  throwIfStopping();
  const intake = createIntake({
    settings,
    channels,
    inbox,
    tenants,
    metrics,
    log,
    onMessage: workers.messages.wake,
    onSeen: activity.seen,
  });
  started.public = await listenPublic(parts, intake);
  throwIfStopping();
  workers.messages.start();
  workers.pushes.start();
  connections.start(intake.admit);
  retention.start();
  for (const warning of settings.warnings) log.warn('Weak setting', { 'chatbot.warning': warning });
  log.info('Bot has started', { 'event.action': 'bot-started', 'chatbot.profile': settings.profile });
  return { port: started.public.port, adminPort: started.admin.port };
}

/**
 * Migrates on a store without a limit on silence, because changing a large table may take minutes. Waiting for another
 * process's migration may take minutes too.
 */
async function migrateDatabase(url: string): Promise<string[]> {
  const store = openStore(url);
  try {
    return await migrate(store);
  } finally {
    await store.close();
  }
}

function listenPublic({ settings, metrics, clock, log }: Parts, intake: Intake): Promise<Listener> {
  const app = createPublicApp({
    routes: callbackRoutes(),
    intake,
    metrics,
    trustedProxies: settings.TRUSTED_PROXIES,
    clock,
  });
  return listen({
    app,
    host: settings.HOST,
    port: settings.PORT,
    portSetting: 'PORT',
    onError: logListenerErrors(log),
  });
}

/**
 * Logs errors of a listener, which keeps running. The number of lines is limited, because a lack of file descriptors or
 * memory may fail many connections per second.
 */
function logListenerErrors(log: Logger): (error: Error) => void {
  const allowLine = createLineLimit();
  return (error) => {
    if (allowLine() === 'none') return;
    log.error('Failed to accept a connection', { 'event.action': 'listener-failed', error });
  };
}

function listenAdmin({ settings, http, metrics, log, readiness, status, clock }: Parts): Promise<Listener> {
  const receivers = createAlertReceivers({ settings, http, clock });
  const alerts = createRelay({ receivers, secret: settings.ALERT_RELAY_SECRET, metrics, log });
  const host = settings.ADMIN_HOST;
  const app = createAdminApp({ host, metrics, readiness, status, alerts, log, clock });
  return listen({
    app,
    host,
    port: settings.ADMIN_PORT,
    portSetting: 'ADMIN_PORT',
    maxConnections: ADMIN_CONNECTIONS,
    onError: logListenerErrors(log),
  });
}

async function stopParts(
  { settings, connections, retention }: Parts,
  workers: Workers,
  started: StartedParts,
): Promise<void> {
  const graceMs = settings.SHUTDOWN_TIMEOUT_MS * GRACE_SHARE;
  await Promise.all([started.public?.stop(), connections.stop(), retention.stop()]);
  await workers.messages.stop(graceMs);
  await workers.pushes.stop(graceMs / 3);
  await started.admin?.stop();
}

async function release({ http, metrics, store, log }: Parts, { lock }: StartedParts): Promise<void> {
  http.close();
  metrics.stop();
  await store.close();
  lock?.release();
  await log.close();
}
