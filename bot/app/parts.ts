// Creates the basic parts of a bot: database, queues, HTTP client, channels, telemetry, health.
import { hostname } from 'node:os';
import { secretValues } from '../config/secret-values.ts';
import type { Settings } from '../config/settings.ts';
import { createConnections } from '../connections/create-connections.ts';
import { createSessions } from '../conversation/sessions.ts';
import { createActivity } from '../health/activity.ts';
import { createReadiness } from '../health/gather-readiness.ts';
import { createQueueReader } from '../health/queue-facts.ts';
import { createStatus } from '../health/status.ts';
import { createHttpClient } from '../http-client/http-client.ts';
import { createInbox } from '../inbox/inbox.ts';
import { createOutbox } from '../outbox/outbox.ts';
import { createChannels } from '../platforms/create-channels.ts';
import { descriptors } from '../platforms/registry.ts';
import { createRetention } from '../retention/retention.ts';
import { packageVersion } from '../runtime/package-info.ts';
import { newOwner } from '../store/new-owner.ts';
import { observeQueries } from '../store/observe-queries.ts';
import { openStore, poolFacts } from '../store/open-store.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createTenantNotices } from '../tenants/notices.ts';
import { createTenants } from '../tenants/tenants.ts';
import { createModel, modelNames } from './create-model.ts';

export interface PartsOptions {
  settings: Settings;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** If true, log lines also go to stdout. */
  stdout: boolean;
  /** Compiled program of the log thread. If undefined, this thread writes the log lines. */
  logThread?: URL | undefined;
  isDraining: () => boolean;
}

/**
 * Milliseconds without data from MariaDB after which a connection is closed. Far longer than any statement of a working
 * bot. Migrations use connections without this limit.
 */
const DATABASE_SILENCE_MS = 20_000;

/**
 * Creates the parts. Opens only the log files and prepares an SQLite file; the first query connects to the database.
 */
export function createParts({ settings, clock, stdout, logThread, isDraining }: PartsOptions) {
  const version = packageVersion();
  const owner = newOwner(hostname());
  const store = openStore(settings.DATABASE_URL, { silenceMs: DATABASE_SILENCE_MS });
  const inbox = createInbox({ store, owner, clock });
  const outbox = createOutbox({ store, owner, clock });
  const sessions = createSessions({
    store,
    timeoutSeconds: settings.SESSION_TIMEOUT_SECONDS,
    contextMaxLength: settings.CONTEXT_MAX_LENGTH,
    limit: settings.SESSIONS_MAX,
    clock,
  });
  const activity = createActivity(clock);
  const queues = createQueueReader({ inbox, outbox, sessions });
  const metrics = createMetrics({
    version,
    commit: settings.COMMIT,
    sessionsLimit: settings.SESSIONS_MAX,
    platforms: descriptors(),
    models: modelNames(settings),
    readQueues: queues.read,
    readPool: () => poolFacts(store),
    readLastInbound: activity.lastInbound,
  });
  observeQueries(store, metrics);
  const log = createLogger({
    level: settings.LOG_LEVEL,
    dir: settings.LOG_DIR,
    secrets: secretValues(settings),
    service: { name: settings.SERVICE_NAME, version },
    stdout,
    thread: logThread,
    countLine: (level) => metrics.logLines.inc({ level }),
  });
  const http = createHttpClient();
  const channels = createChannels({ settings, http, clock });
  const model = createModel({ settings, http, metrics, log });
  const connections = createConnections({ settings, channels, http, metrics, log, clock });
  const readiness = createReadiness({
    store,
    logDir: settings.LOG_DIR,
    isDraining,
    readConnections: connections.facts,
    clock,
  });
  const startedAt = new Date(clock()).toISOString();
  const notices = createTenantNotices({ log, metrics, clock });
  const tenants = createTenants(store, clock, notices);
  const status = createStatus({
    settings,
    dialect: store.dialect,
    version,
    startedAt,
    channels,
    activity,
    connections,
    model,
    readiness,
    queues,
    readBindings: tenants.bindings,
    unknownOrganisations: notices.unknown,
  });
  const retention = createRetention({
    store,
    clock,
    log,
    conversationDays: settings.CONVERSATION_RETENTION_DAYS,
    sessionTimeoutSeconds: settings.SESSION_TIMEOUT_SECONDS,
  });
  return {
    settings,
    clock,
    store,
    inbox,
    outbox,
    sessions,
    tenants,
    retention,
    metrics,
    log,
    http,
    channels,
    connections,
    activity,
    model,
    readiness,
    status,
  };
}

/** Parts of a bot that exist before its start. */
export type Parts = ReturnType<typeof createParts>;
