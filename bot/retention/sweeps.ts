// Retention periods, and the statements that delete expired rows.
import type { Knex } from 'knex';
import { FINISHED_RETENTION_MS } from '../domain/callback.ts';
import { inBatches } from '../store/in-batches.ts';
import type { Store } from '../store/open-store.ts';
import { conversationTables, type Isolation, settleConversations, TENANT_ID } from '../tenants/conversation-tables.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Retention of dead letters. Operators have this time to look at them. */
export const DEAD_RETENTION_MS = 30 * DAY_MS;
/** Retention of a session after its timeout. */
export const SESSION_RETENTION_MS = DAY_MS;
/** Retention of rate limit windows. A window is a minute long. */
export const RATE_WINDOW_RETENTION_MS = HOUR_MS;

/** Numbers of deleted rows. `moved`: conversation rows that were moved to the table of their tenant's isolation. */
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
  /** Days that conversations are kept; 0 is for ever. */
  conversationDays: number;
  /** Seconds without a message after which a session ends. */
  sessionTimeoutSeconds: number;
  /** Ends the sweep between two batches. */
  signal?: AbortSignal | undefined;
}

/**
 * Deletes expired rows in small batches, so that other writers wait only briefly. Several processes may sweep
 * concurrently.
 */
export async function sweepOnce(options: SweepOptions): Promise<SweepCounts> {
  const { store, now, sessionTimeoutSeconds, signal } = options;
  const { knex } = store;
  const finished = (table: string, states: string[], retentionMs: number) =>
    inBatches({ knex, table, signal, where: (query) => finishedBefore(query, states, now - retentionMs) });
  const inbox = await finished('inbox', ['done'], FINISHED_RETENTION_MS);
  const outbox = await finished('outbox', ['sent', 'dropped'], FINISHED_RETENTION_MS);
  const deadLetters =
    (await finished('inbox', ['dead'], DEAD_RETENTION_MS)) +
    (await finished('outbox', ['dead', 'unknown'], DEAD_RETENTION_MS));
  const inactiveSince = now - sessionTimeoutSeconds * 1000 - SESSION_RETENTION_MS;
  const sessions = await inBatches({
    ...{ knex, table: 'session', key: 'session_key', signal },
    where: (query) => query.where('last_active_at', '<', inactiveSince),
  });
  const rateWindows = await inBatches({
    ...{ knex, table: 'rate_window', key: 'rate_key', signal },
    where: (query) => query.where('window_start', '<', now - RATE_WINDOW_RETENTION_MS),
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
        // Select by tenant, because the index of the tables begins with the tenant.
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

/** Formats a time as both databases store and compare `create_time`: UTC, whole seconds. */
function toTimestamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
