// A bot: what it is made of, how it starts, and how it stops in order.
import { createAlertReceivers } from '../alerts/receivers.ts';
import { createRelay } from '../alerts/relay.ts';
import type { Settings } from '../config/settings.ts';
import { createAdminApp } from '../http/admin-app.ts';
import { type Listener, listen } from '../http/listen.ts';
import { createPublicApp } from '../http/public-app.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { createLineLimit } from '../intake/line-limit.ts';
import { migrate } from '../store/migrate.ts';
import { openStore } from '../store/open-store.ts';
import { lockForBot, type OwnerLock } from '../store/sqlite/owner-lock.ts';
import { createPumps, type Pumps } from './create-workers.ts';
import { type Base, createBase } from './parts.ts';

export interface Bot {
  /** Migrates the database, listens, works. Rejects with a text for the operator, also when `stop` is called first. */
  start(): Promise<{ port: number; adminPort: number }>;
  /** Intake first, then what is under way, then files and connections. Safe to call twice, and during the start. */
  stop(): Promise<void>;
  /** Logs an error that nothing caught. `origin` is the name of Node's event. Never throws. */
  noteCrash(error: unknown, origin: string): void;
}

export interface BotOptions {
  settings: Settings;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Whether log lines also go to stdout; default true. */
  stdout?: boolean;
  /** The compiled program of the log thread; without it lines are written in this thread. */
  logThread?: URL;
}

/** Of the time a stop may take, the share given to work under way before it is cut short. */
const GRACE_SHARE = 0.6;

/** Parts of a running bot that only a start makes. */
interface Parts {
  /** Of an SQLite file; MariaDB is shared by several bots. */
  lock?: OwnerLock;
  admin?: Listener;
  public?: Listener;
}

export function createBot({ settings, clock = Date.now, stdout = true, logThread }: BotOptions): Bot {
  let draining = false;
  const base = createBase({ settings, clock, stdout, logThread, isDraining: () => draining });
  const pumps = createPumps(base);
  const parts: Parts = {};
  let started: ReturnType<Bot['start']> | undefined;
  let stopped: Promise<void> | undefined;
  let released: Promise<void> | undefined;
  const freeAll = () => {
    released ??= release(base, parts);
    return released;
  };
  const assertWanted = () => {
    if (draining) throw new StartCutShortError();
  };

  async function startOrFree(): ReturnType<Bot['start']> {
    try {
      return await start({ base, pumps, parts, assertWanted });
    } catch (error) {
      await Promise.all([parts.public?.stop(), parts.admin?.stop()]);
      // A stop that waits for this start has its own line, and frees the rest.
      if (!draining) {
        base.log.error('Bot did not start', { 'event.action': 'bot-start-failed', error });
        await freeAll();
      }
      throw error;
    }
  }

  async function stopAll(): Promise<void> {
    const { log, settings } = base;
    log.info('Bot is stopping', { 'event.action': 'bot-stopping', 'chatbot.profile': settings.profile });
    const runs = await started?.then(
      () => true,
      () => false,
    );
    if (runs) await stopParts(base, pumps, parts);
    log.info('Bot has stopped', { 'event.action': 'bot-stopped', 'chatbot.profile': settings.profile });
    await freeAll();
  }

  return {
    start() {
      started ??= startOrFree();
      return started;
    },
    stop() {
      draining = true;
      stopped ??= stopAll();
      return stopped;
    },
    noteCrash(error, origin) {
      base.log.error('Bot has crashed', { 'event.action': 'bot-crashed', 'event.reason': origin, error });
    },
  };
}

/** Why a start ended that was stopped before its end. */
class StartCutShortError extends Error {
  constructor() {
    super('stopped during the start');
    this.name = 'StartCutShortError';
  }
}

interface Start {
  base: Base;
  pumps: Pumps;
  parts: Parts;
  /** Throws once the bot is to be stopped. */
  assertWanted: () => void;
}

async function start({ base, pumps, parts, assertWanted }: Start): ReturnType<Bot['start']> {
  const { settings, log, store, tenants, connections } = base;
  if (store.file !== undefined) parts.lock = await lockForBot(store.file);
  await store.connect();
  assertWanted();
  const ran = await migrateDatabase(settings.DATABASE_URL);
  if (ran.length > 0) log.info('Database migrated', { 'chatbot.migrations': ran });
  assertWanted();
  await tenants.ensureDefault();
  assertWanted();
  parts.admin = await listenAdmin(base);
  assertWanted();
  const intake = createIntake({ ...base, onMessage: pumps.messages.wake, onSeen: base.activity.seen });
  parts.public = await listenPublic(base, intake);
  assertWanted();
  pumps.messages.start();
  pumps.pushes.start();
  connections.start(intake.admit);
  base.retention.start();
  for (const warning of settings.warnings) log.warn('Weak setting', { 'chatbot.warning': warning });
  log.info('Bot has started', { 'event.action': 'bot-started', 'chatbot.profile': settings.profile });
  return { port: parts.public.port, adminPort: parts.admin.port };
}

/** Waiting for another process's migration, and changing a large table, take as long as they take. */
async function migrateDatabase(url: string): Promise<string[]> {
  const store = openStore(url);
  try {
    return await migrate(store);
  } finally {
    await store.close();
  }
}

function listenPublic(base: Base, intake: Intake): Promise<Listener> {
  const { settings, metrics, clock } = base;
  const app = createPublicApp({ intake, metrics, trustedProxies: settings.TRUSTED_PROXIES, clock });
  return listen({
    app,
    host: settings.HOST,
    port: settings.PORT,
    portSetting: 'PORT',
    onError: logListenerErrors(base),
  });
}

/** The listener goes on. A lack of files or memory may fail many connections a second, so the lines are bounded. */
function logListenerErrors({ log }: Base): (error: Error) => void {
  const allowLine = createLineLimit();
  return (error) => {
    if (allowLine() === 'none') return;
    log.error('A listener could not accept a connection', { 'event.action': 'listener-failed', error });
  };
}

function listenAdmin(base: Base): Promise<Listener> {
  const { settings, metrics, log, readiness, status, clock } = base;
  const receivers = createAlertReceivers(base);
  const relay = createRelay({ receivers, secret: settings.ALERT_RELAY_SECRET, metrics, log });
  const host = settings.ADMIN_HOST;
  const app = createAdminApp({ host, metrics, readiness, status: status.report, relay, log, clock });
  return listen({
    app,
    host,
    port: settings.ADMIN_PORT,
    portSetting: 'ADMIN_PORT',
    maxConnections: 200,
    onError: logListenerErrors(base),
  });
}

async function stopParts({ settings, connections, retention }: Base, pumps: Pumps, parts: Parts): Promise<void> {
  const graceMs = settings.SHUTDOWN_TIMEOUT_MS * GRACE_SHARE;
  await Promise.all([parts.public?.stop(), connections.stop(), retention.stop()]);
  await pumps.messages.stop(graceMs);
  await pumps.pushes.stop(graceMs / 3);
  await parts.admin?.stop();
}

async function release({ http, metrics, store, log }: Base, { lock }: Parts): Promise<void> {
  http.close();
  metrics.stop();
  await store.close();
  lock?.release();
  await log.close();
}
