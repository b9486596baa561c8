// Leasing of rows: many workers take rows of one table, each row to one of them, rows of a chat in order.
import type { Knex } from 'knex';
import type { Store } from './open-store.ts';

export interface LeasedRow {
  id: number;
  chat_key: string;
  trace_id: string;
  /** Including this one. */
  attempts: number;
  /** True when the last holder did not finish: it may or may not have done the work. */
  takenOver: boolean;
}

/** How long a row is held without a sign of life, and how often the holder gives one. A crash costs this time, a long answer costs nothing. */
export const LEASE_MS = 15_000;
export const RENEW_EVERY_MS = 4_000;

/** `available_at` of a row that waits for nothing: a clock that is set back cannot make it wait. */
export const DUE_NOW = 0;

export interface Leases<Row extends LeasedRow> {
  /**
   * Takes up to `limit` rows that are due, at most one per chat: a row waits until all earlier rows of its chat
   * are finished. MariaDB skips rows that another transaction holds; SQLite has one writer.
   */
  lease(limit: number): Promise<Row[]>;
  /** Prolongs the leases of those rows that are still ours. */
  renew(rows: Row[]): Promise<void>;
  /** Writes to held rows, which stay held. False when somebody took one of them over meanwhile. */
  note(rows: readonly Row[], values: Record<string, unknown>): Promise<boolean>;
  /** Gives a row back without counting the attempt, at a stop. */
  release(row: Row): Promise<void>;
  /**
   * Writes the same result to held rows. False when somebody took one of them over meanwhile, also this process by
   * another lease: the number of attempts tells one holding from the next, as a fencing token.
   */
  settle(rows: readonly Row[], values: Record<string, unknown>, db?: Knex): Promise<boolean>;
}

export interface LeasesOptions {
  store: Store;
  table: 'inbox' | 'outbox';
  /** The state of a row that somebody holds. A row in it whose lease ran out is taken over. */
  busyState: 'working' | 'sending';
  /** Names this process among those that share the database. */
  owner: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

export function createLeases<Row extends LeasedRow>(options: LeasesOptions): Leases<Row> {
  const { store, table, owner, clock } = options;
  const { knex } = store;
  const note = async (rows: readonly Row[], values: Record<string, unknown>, db: Knex = knex) =>
    (await held(db(table), rows, owner).update(values)) === rows.length;
  const settle: Leases<Row>['settle'] = (rows, values, db) =>
    note(rows, { ...values, lease_owner: null, lease_until: null }, db);
  return {
    settle,
    lease: (limit) => leaseRows<Row>(options, limit),
    note,
    async renew(rows) {
      await note(rows, { lease_until: clock() + LEASE_MS });
    },
    async release(row) {
      await settle([row], { state: 'pending', attempts: row.attempts - 1, available_at: DUE_NOW });
    },
  };
}

/** Those of `rows` that are still held by this very lease of theirs. */
function held(query: Knex.QueryBuilder, rows: readonly LeasedRow[], owner: string): Knex.QueryBuilder {
  const ids = rows.map((row) => row.id);
  const leases = rows.map((row) => [row.id, row.attempts]);
  return query.whereIn('id', ids).whereIn(['id', 'attempts'], leases).where('lease_owner', owner);
}

async function leaseRows<Row extends LeasedRow>(options: LeasesOptions, limit: number): Promise<Row[]> {
  const { store, table, busyState, owner, clock } = options;
  const now = clock();
  return store.knex.transaction(async (trx) => {
    const rows = await dueRows(trx, options, { now, limit });
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

async function dueRows(
  trx: Knex.Transaction,
  { store, table, busyState }: LeasesOptions,
  { now, limit }: { now: number; limit: number },
): Promise<DueRow[]> {
  // No lease lasts so long: it was taken before the clock was set back, and whoever lives prolongs it by the new time.
  const furthest = now + 2 * LEASE_MS;
  const query = trx<DueRow>(`${table} as due`)
    .select('due.*')
    .where((either) =>
      either
        .where((ready) => ready.where('due.state', 'pending').andWhere('due.available_at', '<=', now))
        .orWhere((lost) => lost.where('due.state', busyState).whereNotBetween('due.lease_until', [now, furthest])),
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
