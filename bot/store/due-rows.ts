// Finds rows that can be leased: due, and the first unfinished one of their chat. The effort has a bound, however many rows wait.
import type { Knex } from 'knex';
import { DUE_NOW, LEASE_MS } from './lease-times.ts';

export interface DueQuery {
  knex: Knex;
  table: 'inbox' | 'outbox';
  /** The state of a row that a process holds. A row in it whose lease ran out is taken over. */
  busyState: 'working' | 'sending';
  /** Milliseconds since 1970. */
  now: number;
}

/** Rows that may be due, of which most are. */
export interface Candidates {
  ids: number[];
  /** True if every row that is due is among them. */
  complete: boolean;
}

/** More rows than are wanted, because the first ones may belong to few chats. */
const SPARE_ROWS = 50;

/** Chats looked at in one pass of `createChatWalk`. */
const CHATS_PER_PASS = 1_000;

interface Waiting {
  id: number | string;
  chat_key: string;
}

/**
 * Looks at the oldest rows that never failed and at the newest ones, at failed ones whose pause has ended, and at lost
 * leases. All of them are found by index, in order.
 */
export async function firstCandidates(query: DueQuery, limit: number): Promise<Candidates> {
  const { knex, table, busyState, now } = query;
  const most = limit + SPARE_ROWS;
  const select = (kind: Kind) => knex(table).select('id', 'chat_key', knex.raw('? as kind', [kind]));
  const ready = (kind: Kind) => select(kind).where('state', 'pending').limit(most);
  const rows = await unionOf(knex, [
    ready('oldest').where('available_at', DUE_NOW).orderBy('id'),
    ready('paused').where('available_at', '>', DUE_NOW).where('available_at', '<=', now).orderBy('available_at'),
    isLost(select('lost').where('state', busyState), 'lease_until', now),
  ]);
  const of = (kind: Kind) => rows.filter((row) => row.kind === kind);
  const [oldest, paused] = [of('oldest'), of('paused')];
  const all = oldest.length < most;
  const newest = all ? [] : await ready('newest').where('available_at', DUE_NOW).orderBy('id', 'desc');
  const ids = idsOf([...firstOfChats(oldest), ...firstOfChats(newest.reverse()), ...paused, ...of('lost')]);
  return { complete: all && paused.length < most, ids };
}

type Kind = 'oldest' | 'newest' | 'paused' | 'lost';

/** One round trip. SQLite takes no limit in a part of a union, only in a subquery. */
function unionOf(knex: Knex, parts: Knex.QueryBuilder[]): Promise<(Waiting & { kind: Kind })[]> {
  const [first, ...others] = parts.map((part) => knex.select('*').from(part.as('part')));
  return (first as Knex.QueryBuilder).unionAll(others); // there are several
}

/** The later rows of a chat wait for its first one. */
function firstOfChats(rows: Waiting[]): Waiting[] {
  const seen = new Set<string>();
  return rows.filter(({ chat_key: chat }) => !seen.has(chat) && seen.add(chat));
}

/** Resolves with the first pending row of each of the next chats, in turn through all chats. */
export type ChatWalk = (query: DueQuery) => Promise<number[]>;

/**
 * The walk jumps from chat to chat in the index, so a chat with many rows costs no more than one with few.
 */
export function createChatWalk(): ChatWalk {
  let after = '';
  return async ({ knex, table }) => {
    const heads = (await knex(table)
      .where('state', 'pending')
      .where('chat_key', '>', after)
      .groupBy('state', 'chat_key')
      .select('chat_key')
      .min({ id: 'id' })
      .orderBy(['state', 'chat_key']) // as the index: SQLite would sort for `chat_key` alone
      .limit(CHATS_PER_PASS)) as unknown as Waiting[]; // knex loses the selected columns
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
        .orWhere((lost) => isLost(lost.where('due.state', busyState), 'due.lease_until', now)),
    )
    .where((first) => isFirstOfChat(first, { table, busyState }));
}

/** Those among `ids` that have no unfinished row of their chat before them. */
export async function firstAmong(trx: Knex.Transaction, query: DueQuery, ids: number[]): Promise<number[]> {
  const rows: (number | string)[] = await trx(`${query.table} as due`)
    .whereIn('due.id', ids)
    .where((first) => isFirstOfChat(first, query))
    .pluck('due.id');
  return rows.map(Number);
}

/** One row of the index for each state. With NOT EXISTS, MariaDB reads every waiting row of the table. */
function isFirstOfChat(query: Knex.QueryBuilder, { table, busyState }: Pick<DueQuery, 'table' | 'busyState'>): void {
  for (const state of ['pending', busyState]) {
    const first = `select earlier.id from ${table} as earlier
      where earlier.state = ? and earlier.chat_key = due.chat_key order by earlier.id limit 1`;
    query.whereRaw(`due.id <= coalesce((${first}), due.id)`, [state]);
  }
}

/** No lease lasts twice its time: such a one was taken before the clock was set back, and a living holder prolongs it. */
function isLost(query: Knex.QueryBuilder, column: string, now: number): Knex.QueryBuilder {
  return query.whereNotBetween(column, [now, now + 2 * LEASE_MS]);
}

function idsOf(rows: Waiting[]): number[] {
  return [...new Set(rows.map(({ id }) => Number(id)))];
}
