// Finds rows that can be leased: due, and the first unfinished row of their chat. The cost is bounded for any queue.
import type { Knex } from 'knex';
import { DUE_NOW, LEASE_MS } from './lease-times.ts';

export interface DueQuery {
  knex: Knex;
  table: 'inbox' | 'outbox';
  /** State of a leased row. A row in this state whose lease has expired is leased again. */
  busyState: 'working' | 'sending';
  /** Milliseconds since 1970. */
  now: number;
}

/** Rows that are probably due. */
export interface Candidates {
  ids: number[];
  /** True if every due row is among the ids. */
  complete: boolean;
}

/** Rows read beyond the limit, because the first rows may belong to few chats. */
const SPARE_ROWS = 50;

/** Chats read in one pass of `createChatWalk`. */
export const CHATS_PER_PASS = 1_000;

interface WaitingRow {
  id: number | string;
  chat_key: string;
}

/**
 * Reads the oldest and the newest rows that never failed, failed rows whose pause has ended, and rows with a lost
 * lease. All of them are found by index, in order.
 */
export async function firstCandidates(query: DueQuery, limit: number): Promise<Candidates> {
  const { knex, table, busyState, now } = query;
  const most = limit + SPARE_ROWS;
  const select = (kind: CandidateKind) => knex(table).select('id', 'chat_key', knex.raw('? as kind', [kind]));
  const ready = (kind: CandidateKind) => select(kind).where('state', 'pending').limit(most);
  const rows = await unionOf(knex, [
    ready('oldest').where('available_at', DUE_NOW).orderBy('id'),
    ready('paused').where('available_at', '>', DUE_NOW).where('available_at', '<=', now).orderBy('available_at'),
    whereLost(select('lost').where('state', busyState), 'lease_until', now),
  ]);
  const of = (kind: CandidateKind) => rows.filter((row) => row.kind === kind);
  const [oldest, paused] = [of('oldest'), of('paused')];
  const all = oldest.length < most;
  const newest = all ? [] : await ready('newest').where('available_at', DUE_NOW).orderBy('id', 'desc');
  const ids = idsOf([...firstOfChats(oldest), ...firstOfChats(newest.reverse()), ...paused, ...of('lost')]);
  return { complete: all && paused.length < most, ids };
}

type CandidateKind = 'oldest' | 'newest' | 'paused' | 'lost';

/** Reads all parts in one round trip. In a part of a UNION, SQLite accepts LIMIT only inside a subquery. */
function unionOf(knex: Knex, parts: Knex.QueryBuilder[]): Promise<(WaitingRow & { kind: CandidateKind })[]> {
  const [first, ...others] = parts.map((part) => knex.select('*').from(part.as('part')));
  return (first as Knex.QueryBuilder).unionAll(others); // there are several
}

/** Keeps the first row of each chat, because the later rows wait for it. */
function firstOfChats(rows: WaitingRow[]): WaitingRow[] {
  const seen = new Set<string>();
  return rows.filter(({ chat_key: chat }) => !seen.has(chat) && seen.add(chat));
}

/** Resolves with the first pending row of each of the next chats. Repeated calls go through all chats in turn. */
export type ChatWalk = (query: DueQuery) => Promise<number[]>;

/** Creates a walk that jumps from chat to chat in the index. A chat with many rows costs no more than one with few. */
export function createChatWalk(): ChatWalk {
  let after = '';
  return async ({ knex, table }) => {
    const heads = (await knex(table)
      .where('state', 'pending')
      .where('chat_key', '>', after)
      .groupBy('state', 'chat_key')
      .select('chat_key')
      .min({ id: 'id' })
      .orderBy(['state', 'chat_key']) // the index's order; SQLite would sort for `chat_key` alone
      .limit(CHATS_PER_PASS)) as unknown as WaitingRow[]; // knex's type lacks the selected columns
    after = heads.length < CHATS_PER_PASS ? '' : (heads.at(-1)?.chat_key ?? '');
    return idsOf(heads);
  };
}

/** Restricts a query on `due` to rows that are due and have no unfinished row of their chat before them. */
export function whereDue(query: Knex.QueryBuilder, { table, busyState, now }: DueQuery): Knex.QueryBuilder {
  return query
    .where((either) =>
      either
        .where((ready) => ready.where('due.state', 'pending').andWhere('due.available_at', '<=', now))
        .orWhere((lost) => whereLost(lost.where('due.state', busyState), 'due.lease_until', now)),
    )
    .where((first) => whereFirstOfChat(first, { table, busyState }));
}

/** Resolves with those of `ids` that have no unfinished row of their chat before them. */
export async function firstAmong(trx: Knex.Transaction, query: DueQuery, ids: number[]): Promise<number[]> {
  const rows: (number | string)[] = await trx(`${query.table} as due`)
    .whereIn('due.id', ids)
    .where((first) => whereFirstOfChat(first, query))
    .pluck('due.id');
  return rows.map(Number);
}

/**
 * Requires that no earlier row of the chat is unfinished. Reads one entry of the index per state. With NOT EXISTS,
 * MariaDB would read every waiting row of the table.
 */
function whereFirstOfChat(query: Knex.QueryBuilder, { table, busyState }: Pick<DueQuery, 'table' | 'busyState'>): void {
  for (const state of ['pending', busyState]) {
    const first = `select earlier.id from ${table} as earlier
      where earlier.state = ? and earlier.chat_key = due.chat_key order by earlier.id limit 1`;
    query.whereRaw(`due.id <= coalesce((${first}), due.id)`, [state]);
  }
}

/**
 * Requires a lease that has expired, or that ends more than twice `LEASE_MS` from now. The latter began before the
 * clock was set back, and a running holder renews it with the new time.
 */
function whereLost(query: Knex.QueryBuilder, column: string, now: number): Knex.QueryBuilder {
  return query.whereNotBetween(column, [now, now + 2 * LEASE_MS]);
}

function idsOf(rows: WaitingRow[]): number[] {
  return [...new Set(rows.map(({ id }) => Number(id)))];
}
