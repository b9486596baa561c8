// Leasing of rows: many workers take rows of one table, each row to one of them, rows of a chat in order.
import type { Knex } from 'knex';
import { type ChatWalk, createChatWalk, type DueQuery, firstAmong, firstCandidates, whereDue } from './due-rows.ts';
import { LEASE_MS, RELEASED } from './lease-times.ts';
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
  /** Gives a row back without counting the attempt, at a stop. `values` are written with it. */
  release(row: Row, values?: Record<string, unknown>): Promise<void>;
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
  const walk = createChatWalk();
  return {
    settle,
    lease: (limit) => leaseRows<Row>(options, walk, limit),
    note,
    async renew(rows) {
      await note(rows, { lease_until: clock() + LEASE_MS });
    },
    async release(row, values) {
      await settle([row], { ...values, state: 'pending', attempts: row.attempts - 1, available_at: RELEASED });
    },
  };
}

/** Those of `rows` that are still held by this very lease of theirs. */
function held(query: Knex.QueryBuilder, rows: readonly LeasedRow[], owner: string): Knex.QueryBuilder {
  const ids = rows.map((row) => row.id);
  const leases = rows.map((row) => [row.id, row.attempts]);
  return query.whereIn('id', ids).whereIn(['id', 'attempts'], leases).where('lease_owner', owner);
}

/** Leases the oldest due rows; what the first look does not reach, the walk through the chats does. */
async function leaseRows<Row extends LeasedRow>(options: LeasesOptions, walk: ChatWalk, limit: number): Promise<Row[]> {
  const { store, table, busyState, clock } = options;
  const query: DueQuery = { knex: store.knex, table, busyState, now: clock() };
  const first = await firstCandidates(query, limit);
  const rows = await leaseAmong<Row>(options, query, { ids: first.ids, limit });
  if (first.complete || rows.length === limit) return rows;
  const ids = await walk(query);
  return [...rows, ...(await leaseAmong<Row>(options, query, { ids, limit: limit - rows.length }))];
}

interface Choice {
  /** Rows that may be due. */
  ids: number[];
  limit: number;
}

async function leaseAmong<Row extends LeasedRow>(
  { store, table, busyState, owner }: LeasesOptions,
  query: DueQuery,
  choice: Choice,
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
        attempts: trx.raw('attempts + 1') as unknown as number, // knex types values only, not expressions
      });
    return rows.map((row) => ({
      ...row,
      attempts: row.attempts + 1,
      takenOver: row.state === busyState,
    })) as unknown as Row[]; // the columns beyond LeasedRow are the table's own
  });
}

interface DueRow {
  id: number;
  state: string;
  attempts: number;
}

/**
 * Locks rows that are due. MariaDB evaluates the condition about earlier rows on the snapshot of the statement's start,
 * but sees the newest version of the rows that it locks. Rows that were committed in between could be locked together
 * with the earlier rows of their chat, so the condition is asked again by a statement that begins after the lock. See
 * https://mariadb.com/kb/en/innodb-lock-modes/ and
 * https://dev.mysql.com/doc/refman/8.0/en/innodb-consistent-read.html (read 2026-11).
 */
async function lockDue(
  trx: Knex.Transaction,
  { store, query }: { store: Store; query: DueQuery },
  { ids, limit }: Choice,
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
