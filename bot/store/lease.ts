// Leases rows of a table to workers: each row to one worker, rows of a chat in order.
import type { Knex } from 'knex';
import { type ChatWalk, createChatWalk, type DueQuery, firstAmong, firstCandidates, whereDue } from './due-rows.ts';
import { LEASE_MS, RELEASED } from './lease-times.ts';
import type { Store } from './open-store.ts';

export interface LeasedRow {
  id: number;
  chat_key: string;
  trace_id: string;
  /** Number of attempts, including the current one. */
  attempts: number;
  /** True if the previous lease expired. Its holder may or may not have done the work. */
  takenOver: boolean;
}

export interface Leases<Row extends LeasedRow> {
  /**
   * Leases up to `limit` due rows, at most one per chat: a row waits until all earlier rows of its chat are finished.
   * MariaDB skips rows that another transaction has locked; SQLite has one writer.
   */
  lease(limit: number): Promise<Row[]>;
  /** Renews the leases that this process still holds. */
  renew(rows: Row[]): Promise<void>;
  /** Writes to leased rows and keeps the leases. Resolves with false if one of the rows was leased again meanwhile. */
  update(rows: readonly Row[], values: Record<string, unknown>): Promise<boolean>;
  /** Releases a row at a stop without counting the attempt, and writes `values` with it. */
  release(row: Row, values?: Record<string, unknown>): Promise<void>;
  /**
   * Writes the same result to leased rows and ends the leases. Resolves with false if one of the rows was leased again
   * meanwhile, also by this process. The number of attempts distinguishes the leases of a row, like a fencing token.
   */
  settle(rows: readonly Row[], values: Record<string, unknown>, db?: Knex): Promise<boolean>;
}

export interface LeasesOptions {
  store: Store;
  table: 'inbox' | 'outbox';
  /** State of a leased row. A row in this state whose lease has expired is leased again. */
  busyState: 'working' | 'sending';
  /** Name of this process, unique among those that share the database. */
  owner: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

export function createLeases<Row extends LeasedRow>(options: LeasesOptions): Leases<Row> {
  const { store, table, owner, clock } = options;
  const { knex } = store;
  const update = async (rows: readonly Row[], values: Record<string, unknown>, db: Knex = knex) =>
    (await whereLeased(db(table), rows, owner).update(values)) === rows.length;
  const settle: Leases<Row>['settle'] = (rows, values, db) =>
    update(rows, { ...values, lease_owner: null, lease_until: null }, db);
  const walk = createChatWalk();
  return {
    settle,
    lease: (limit) => leaseRows<Row>(options, walk, limit),
    update,
    async renew(rows) {
      await update(rows, { lease_until: clock() + LEASE_MS });
    },
    async release(row, values) {
      await settle([row], { ...values, state: 'pending', attempts: row.attempts - 1, available_at: RELEASED });
    },
  };
}

/** Restricts a query to those of `rows` that `owner` still holds by the same lease. */
function whereLeased(query: Knex.QueryBuilder, rows: readonly LeasedRow[], owner: string): Knex.QueryBuilder {
  const ids = rows.map((row) => row.id);
  const leases = rows.map((row) => [row.id, row.attempts]);
  return query.whereIn('id', ids).whereIn(['id', 'attempts'], leases).where('lease_owner', owner);
}

/** Leases the oldest due rows. The walk through the chats finds due rows that the first query does not reach. */
async function leaseRows<Row extends LeasedRow>(options: LeasesOptions, walk: ChatWalk, limit: number): Promise<Row[]> {
  const { store, table, busyState, clock } = options;
  const query: DueQuery = { knex: store.knex, table, busyState, now: clock() };
  const first = await firstCandidates(query, limit);
  const rows = await leaseAmong<Row>(options, query, { ids: first.ids, limit });
  if (first.complete || rows.length === limit) return rows;
  const ids = await walk(query);
  return [...rows, ...(await leaseAmong<Row>(options, query, { ids, limit: limit - rows.length }))];
}

interface LeaseChoice {
  /** Rows that may be due. */
  ids: number[];
  limit: number;
}

async function leaseAmong<Row extends LeasedRow>(
  { store, table, busyState, owner }: LeasesOptions,
  query: DueQuery,
  choice: LeaseChoice,
): Promise<Row[]> {
  if (choice.ids.length === 0) return [];
  return store.knex.transaction(async (trx) => {
    const rows = await lockDue(trx, { store, query }, choice);
    if (rows.length === 0) return [];
    await trx(table)
      .whereIn(
        'id',
        rows.map((row) => row.id),
      )
      .update({
        state: busyState,
        lease_owner: owner,
        lease_until: query.now + LEASE_MS,
        attempts: trx.raw('attempts + 1') as unknown as number, // knex's type accepts values, not expressions
      });
    return rows.map((row) => ({
      ...row,
      attempts: row.attempts + 1,
      takenOver: row.state === busyState,
    })) as unknown as Row[]; // the table has the further columns of `Row`
  });
}

interface DueRow {
  id: number;
  state: string;
  attempts: number;
}

/**
 * Locks due rows. MariaDB evaluates the condition about earlier rows on the snapshot of the statement's start. It reads
 * the newest version of the rows that it locks. A row committed in between could be locked together with an earlier row
 * of its chat. So a second statement, which starts after the lock, checks the condition again. See
 * https://mariadb.com/kb/en/innodb-lock-modes/ and https://dev.mysql.com/doc/refman/8.0/en/innodb-consistent-read.html
 * (read 2026-11).
 */
async function lockDue(
  trx: Knex.Transaction,
  { store, query }: { store: Store; query: DueQuery },
  { ids, limit }: LeaseChoice,
): Promise<DueRow[]> {
  const due = trx(`${query.table} as due`).select('due.*').whereIn('due.id', ids).orderBy('due.id').limit(limit);
  whereDue(due, query);
  const found: DueRow[] = await (store.dialect === 'mysql' ? due.forUpdate().skipLocked() : due);
  const rows = found.map((row) => ({ ...row, id: Number(row.id) }));
  if (store.dialect !== 'mysql' || rows.length === 0) return rows;
  const first = await firstAmong(
    trx,
    query,
    rows.map(({ id }) => id),
  );
  return rows.filter(({ id }) => first.includes(id));
}
