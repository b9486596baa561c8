// What is kept for how long, and where the rest is found.
import type { Knex } from 'knex';
import { FINISHED_RETENTION_MS } from '../platforms/shared/time-window.ts';
import { inBatches } from '../store/in-batches.ts';
import type { Store } from '../store/open-store.ts';
import { conversationTables, type Isolation, settleConversations, TENANT_ID } from '../tenants/conversation-tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long people have for looking at what could not be sent or answered. */
export const DEAD_KEPT_MS = 30 * DAY_MS;
/** How long after its timeout a session is kept. */
export const SESSION_KEPT_MS = DAY_MS;
/** Windows of rate limits are a minute long. */
export const RATE_WINDOW_KEPT_MS = HOUR_MS;

/** Rows deleted; `moved`: conversation rows brought to where their tenant's isolation wants them. */
export interface SweepCounts {
  inbox: number;
  outbox: number;
  deadLetters: number;
  sessions: number;
  rateWindows: number;
  conversation: number;
  moved: number;
}

export interface SweepOptions {
  store: Store;
  /** Milliseconds since 1970. */
  now: number;
  /** Days for which conversations are kept; 0 is for ever. */
  conversationDays: number;
  /** Seconds of silence after which a session is over. */
  sessionTimeoutSeconds: number;
  /** Ends the sweep between two batches. */
  signal?: AbortSignal | undefined;
}

/** Deletes what is older than it is kept, in small batches, so that nobody waits; safe in several processes at once. */
export async function sweepOnce(options: SweepOptions): Promise<SweepCounts> {
  const { store, now, sessionTimeoutSeconds, signal } = options;
  const { knex } = store;
  const finished = (table: string, states: string[], keptMs: number) =>
    inBatches({ knex, table, signal, where: (query) => finishedBefore(query, states, now - keptMs) });
  const inbox = await finished('inbox', ['done'], FINISHED_RETENTION_MS);
  const outbox = await finished('outbox', ['sent', 'dropped'], FINISHED_RETENTION_MS);
  const deadLetters =
    (await finished('inbox', ['dead'], DEAD_KEPT_MS)) + (await finished('outbox', ['dead', 'unknown'], DEAD_KEPT_MS));
  const silentSince = now - sessionTimeoutSeconds * 1000 - SESSION_KEPT_MS;
  const sessions = await inBatches({
    ...{ knex, table: 'session', key: 'session_key', signal },
    where: (query) => query.where('last_active_at', '<', silentSince),
  });
  const rateWindows = await inBatches({
    ...{ knex, table: 'rate_window', key: 'rate_key', signal },
    where: (query) => query.where('window_start', '<', now - RATE_WINDOW_KEPT_MS),
  });
  return { inbox, outbox, deadLetters, sessions, rateWindows, ...(await sweepConversations(options)) };
}

function finishedBefore(query: Knex.QueryBuilder, states: string[], time: number): Knex.QueryBuilder {
  return query.whereIn('state', states).andWhere('finished_at', '<', time);
}

async function sweepConversations(options: SweepOptions): Promise<Pick<SweepCounts, 'conversation' | 'moved'>> {
  const { store, conversationDays, now, signal } = options;
  const counts = { conversation: 0, moved: 0 };
  const tenants = await store.knex('tenant_config').select<TenantRow[]>('tenant_id', 'isolation');
  for (const { tenant_id: tenantId, isolation } of tenants) {
    if (signal?.aborted) break;
    if (conversationDays > 0) {
      const time = toTimestamp(now - conversationDays * DAY_MS);
      for (const table of await conversationTables(store, tenantId)) {
        // By tenant, because that is how the tables are indexed.
        const where = (query: Knex.QueryBuilder) => query.where('tenant_id', tenantId).where('create_time', '<', time);
        counts.conversation += await inBatches({ knex: store.knex, table, where, signal });
      }
    }
    if (TENANT_ID.test(tenantId)) counts.moved += await settleConversations(store, tenantId, isolation, signal);
  }
  return counts;
}

interface TenantRow {
  tenant_id: string;
  isolation: Isolation;
}

/** As both databases take and compare the guide's `create_time`: UTC, whole seconds. */
function toTimestamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
