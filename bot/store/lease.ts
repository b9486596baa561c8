// Leasing of rows: many workers take rows of one table, each row to one of them, rows of a chat in order.
import type { Knex } from 'knex';
import type { Store } from './open-store.ts';

export interface LeaseRequest {
  table: 'inbox' | 'outbox';
  /** The state of a row that somebody holds. A row in it whose lease ran out is taken over. */
  busyState: 'working' | 'sending';
  owner: string;
  /** Milliseconds since 1970. */
  now: number;
  limit: number;
}

export interface LeasedRow {
  id: number;
  chat_key: string;
  trace_id: string;
  /** Including this one. */
  attempts: number;
  /** True when the last holder did not finish: it may or may not have done the work. */
  takenOver: boolean;
}

/**
 * Takes up to `limit` rows that are due, at most one per chat: a row waits until all earlier rows of its chat
 * are finished. MariaDB skips rows that another transaction holds; SQLite has one writer.
 */
export async function leaseRows<Row extends LeasedRow>(store: Store, request: LeaseRequest): Promise<Row[]> {
  const { table, busyState, owner, now } = request;
  return store.knex.transaction(async (trx) => {
    const rows = await dueRows(trx, store, request);
    if (rows.length === 0) return [];
    await trx(table)
      .whereIn(
        'id',
        rows.map((row) => row.id),
      )
      .update({
        state: busyState,
        lease_owner: owner,
        lease_until: now + LEASE_MS,
        attempts: trx.raw('attempts + 1') as unknown as number, // knex types values only, not expressions
      });
    return rows.map((row) => ({
      ...row,
      id: Number(row.id),
      attempts: row.attempts + 1,
      takenOver: row.state === busyState,
    })) as unknown as Row[]; // the columns beyond LeasedRow are the table's own
  });
}

interface DueRow {
  id: number | string;
  state: string;
  attempts: number;
}

async function dueRows(trx: Knex.Transaction, store: Store, request: LeaseRequest): Promise<DueRow[]> {
  const { table, busyState, now, limit } = request;
  const query = trx<DueRow>(`${table} as due`)
    .select('due.*')
    .where((either) =>
      either
        .where((ready) => ready.where('due.state', 'pending').andWhere('due.available_at', '<=', now))
        .orWhere((lost) => lost.where('due.state', busyState).andWhere('due.lease_until', '<', now)),
    )
    .whereNotExists((earlier) =>
      earlier
        .select(trx.raw('1'))
        .from(`${table} as earlier`)
        .whereRaw('earlier.chat_key = due.chat_key and earlier.id < due.id')
        .whereIn('earlier.state', ['pending', busyState]),
    )
    .orderBy('due.id')
    .limit(limit);
  return (await (store.dialect === 'mysql' ? query.forUpdate().skipLocked() : query)) as DueRow[];
}

/** How long a row is held without a sign of life, and how often the holder gives one. A crash costs this time, a long answer costs nothing. */
export const LEASE_MS = 15_000;
export const RENEW_EVERY_MS = 4_000;

/** Prolongs the leases of rows that are still `owner`'s. */
export async function renewLeases(
  store: Store,
  { table, owner, ids, until }: { table: 'inbox' | 'outbox'; owner: string; ids: number[]; until: number },
): Promise<void> {
  await store.knex(table).whereIn('id', ids).andWhere('lease_owner', owner).update({ lease_until: until });
}

/** Writes a held row's result, unless somebody else took the row over meanwhile. Resolves with whether it was still ours. */
export async function updateLeased(
  db: Knex,
  table: 'inbox' | 'outbox',
  held: { id: number; owner: string },
  values: Record<string, unknown>,
): Promise<boolean> {
  const changed = await db(table)
    .where({ id: held.id, lease_owner: held.owner })
    .update({ ...values, lease_owner: null, lease_until: null });
  return changed === 1;
}
