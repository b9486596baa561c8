// Puts the bot together: the only file that knows every part.
import { hostname } from 'node:os';
import { createActivity } from './activity.ts';
import { createAlertReceivers } from './alerts/receivers.ts';
import { createRelay } from './alerts/relay.ts';
import type { Channel } from './channels/channel.ts';
import { createDingtalkChannel } from './channels/dingtalk/create-dingtalk-channel.ts';
import { createFeishuChannel } from './channels/feishu/create-feishu-channel.ts';
import { secretValues } from './config/secret-values.ts';
import type { Settings } from './config/settings.ts';
import { createAnswerer } from './conversation/answer.ts';
import { createMessageHandler } from './conversation/handle-message.ts';
import { createSessions } from './conversation/sessions.ts';
import { createModel, modelName } from './create-model.ts';
import { createAdminApp } from './http/admin-app.ts';
import { createReadiness } from './http/gather-readiness.ts';
import { createIntake } from './http/intake.ts';
import { type Listener, listen } from './http/listen.ts';
import { createPublicApp } from './http/public-app.ts';
import { createInbox } from './inbox/inbox.ts';
import { createTenantRate } from './limits/tenant-rate.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createRowSender } from './outbox/send-row.ts';
import { createHttpClient, type HttpClient } from './outgoing/http-client.ts';
import { packageVersion } from './package-info.ts';
import { createQueueReader } from './queue-facts.ts';
import { createStatus } from './status.ts';
import { RENEW_EVERY_MS } from './store/lease.ts';
import { migrate } from './store/migrate.ts';
import { observeQueries } from './store/observe-queries.ts';
import { openStore, poolFacts } from './store/open-store.ts';
import { createLogger, hashId } from './telemetry/logger.ts';
import { createMetrics } from './telemetry/metrics.ts';
import type { LogLevel, Platform } from './telemetry/names.ts';
import { createTenants } from './tenants/tenants.ts';
import { createPump } from './worker/pump.ts';

export interface Bot {
  /** Migrates the database, listens, works. Rejects with a text for the operator. */
  start(): Promise<{ port: number; adminPort: number }>;
  /** Intake first, then what is under way, then files and connections. Safe to call twice. */
  stop(): Promise<void>;
}

export interface BotOptions {
  settings: Settings;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Whether log lines also go to stdout; default true. */
  stdout?: boolean;
}

/** How long a queue sleeps when nothing tells it of new rows: retries become due, other processes add rows. */
const IDLE_MS = 500;
/** Of the time a stop may take, the share given to work under way before it is cut short. */
const GRACE_SHARE = 0.6;

export function createBot({ settings, clock = Date.now, stdout = true }: BotOptions): Bot {
  const version = packageVersion();
  const startedAt = new Date(clock()).toISOString();
  const owner = `${hostname()}:${process.pid}:${clock()}`;
  const secrets = secretValues(settings);
  let draining = false;
  let publicListener: Listener | undefined;
  let adminListener: Listener | undefined;

  const store = openStore(settings.DATABASE_URL);
  const inbox = createInbox({ store, owner, clock });
  const outbox = createOutbox({ store, owner, clock });
  const sessions = createSessions({
    store,
    timeoutSeconds: settings.SESSION_TIMEOUT_SECONDS,
    contextMaxLength: settings.CONTEXT_MAX_LENGTH,
    limit: settings.SESSIONS_MAX,
    clock,
  });
  const readQueues = createQueueReader({ inbox, outbox, sessions });
  const metrics = createMetrics({
    version,
    commit: settings.COMMIT,
    sessionsLimit: settings.SESSIONS_MAX,
    models: [modelName(settings)],
    readQueues,
    readPool: () => poolFacts(store),
  });
  observeQueries(store, metrics);
  const log = createLogger({
    level: settings.LOG_LEVEL as LogLevel,
    dir: settings.LOG_DIR,
    secrets,
    service: { name: settings.SERVICE_NAME, version },
    stdout,
    countLine: (level) => metrics.logLines.inc({ level }),
  });
  const http = createHttpClient();
  const channels = createChannels({ settings, http, clock });
  const tenants = createTenants(store);
  const activity = createActivity(metrics, clock);
  const readiness = createReadiness({ store, logDir: settings.LOG_DIR, isDraining: () => draining, clock });
  const model = createModel({ settings, http, metrics, log });
  const status = createStatus({ settings, version, startedAt, channels, activity, model, readiness, readQueues });

  const pushes = createPump({
    concurrency: settings.OUTBOX_CONCURRENCY,
    lease: outbox.lease,
    renew: outbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: createRowSender({
      outbox,
      channels,
      metrics,
      log,
      hashChat: (chatKey) => hashId(secrets.join('\n'), chatKey),
      note: activity.pushed,
      clock,
    }),
    idleMs: IDLE_MS,
    log,
  });
  const messages = createPump({
    concurrency: settings.INBOX_CONCURRENCY,
    lease: inbox.lease,
    renew: inbox.renew,
    renewEveryMs: RENEW_EVERY_MS,
    handle: createMessageHandler({
      store,
      owner,
      inbox,
      outbox,
      sessions,
      answer: createAnswerer({ model, describeStatus: status.sentence }),
      overTenantRate: createTenantRate(store, tenants),
      maxPartBytes: (platform) => channels.get(platform)?.maxPartBytes ?? Number.POSITIVE_INFINITY,
      metrics,
      log,
      onReply: pushes.wake,
      clock,
    }),
    idleMs: IDLE_MS,
    log,
  });
  const intake = createIntake({
    channels,
    inbox,
    tenants,
    metrics,
    log,
    onMessage: messages.wake,
    onSeen: activity.seen,
  });
  const publicApp = createPublicApp({ intake, metrics, trustedProxies: settings.TRUSTED_PROXIES, clock });
  const receivers = createAlertReceivers({ settings, http, clock });
  const relay = createRelay({ receivers, secret: settings.ALERT_RELAY_SECRET, metrics, log });
  const adminApp = createAdminApp({ metrics, readiness, status: status.report, relay, log, clock });

  async function stopOnce(): Promise<void> {
    draining = true;
    log.info('Bot is stopping', { 'event.action': 'bot-stopping', 'chatbot.profile': settings.profile });
    const graceMs = settings.SHUTDOWN_TIMEOUT_MS * GRACE_SHARE;
    await publicListener?.stop();
    await messages.stop(graceMs);
    await pushes.stop(graceMs / 3);
    await adminListener?.stop();
    http.close();
    metrics.stop();
    await store.close();
    log.info('Bot has stopped', { 'event.action': 'bot-stopped', 'chatbot.profile': settings.profile });
    await log.close();
  }

  let stopped: Promise<void> | undefined;
  return {
    async start() {
      try {
        const ran = await migrate(store);
        if (ran.length > 0) log.info('Database migrated', { 'chatbot.migrations': ran });
        await tenants.ensureDefault();
        adminListener = await listen({
          app: adminApp,
          host: settings.ADMIN_HOST,
          port: settings.ADMIN_PORT,
          portSetting: 'ADMIN_PORT',
        });
        publicListener = await listen({
          app: publicApp,
          host: settings.HOST,
          port: settings.PORT,
          portSetting: 'PORT',
        });
      } catch (error) {
        await adminListener?.stop();
        http.close();
        metrics.stop();
        await store.close();
        await log.close();
        throw error;
      }
      messages.start();
      pushes.start();
      for (const warning of settings.warnings) log.warn('Weak setting', { 'chatbot.warning': warning });
      log.info('Bot has started', { 'event.action': 'bot-started', 'chatbot.profile': settings.profile });
      return { port: publicListener.port, adminPort: adminListener.port };
    },
    stop() {
      stopped ??= stopOnce();
      return stopped;
    },
  };
}

interface ChannelDeps {
  settings: Settings;
  http: HttpClient;
  clock: () => number;
}

/** The list of channels: a new platform is a folder in `channels/` and a line here. */
function createChannels({ settings, http, clock }: ChannelDeps): ReadonlyMap<Platform, Channel> {
  const channels = [
    createFeishuChannel({ apps: settings.feishuApps, baseUrl: settings.FEISHU_BASE_URL, http, clock }),
    createDingtalkChannel({
      apps: settings.dingtalkApps,
      apiBaseUrl: settings.DINGTALK_API_BASE_URL,
      oapiBaseUrl: settings.DINGTALK_OAPI_BASE_URL,
      http,
      clock,
    }),
  ];
  return new Map(channels.map((channel) => [channel.platform, channel]));
}
