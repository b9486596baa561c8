// Deletes everything held about a subject, also while the bot works for them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { inBatches } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { CommandError } from '../process/command-error.ts';
import { columnsOf, nameOf, type Subject } from './subject.ts';

/** Rows by table. */
export type Counts = Record<string, number>;

export interface EraseOptions {
  subject: Subject;
  /** How long work under way is waited for, in milliseconds. */
  patienceMs: number;
  onWait: (rows: number) => void;
}

const LOOK_AGAIN_MS = 500;

/** What `erase` would delete now. */
export async function countHeld(store: Store, subject: Subject): Promise<Counts> {
  const counts: Counts = {};
  for (const { table, where } of await stepsOf(store, subject)) {
    const [row] = await where(store.knex(table)).count({ rows: '*' });
    counts[table] = Number(row?.rows ?? 0);
  }
  return counts;
}

/**
 * Deletes in the order in which work flows, so that nothing is written behind its back: messages first; when none is
 * being answered, no more parts, sessions and conversations come. What is being worked on is waited for.
 * @throws CommandError when it does not end in time; what was idle is deleted then
 */
export async function erase(store: Store, { subject, patienceMs, onWait }: EraseOptions): Promise<Counts> {
  const counts: Counts = {};
  const deadline = Date.now() + patienceMs;
  for (;;) {
    let busy = 0;
    for (const { table, key, where, busyState, apply } of await stepsOf(store, subject)) {
      const idle = (query: Knex.QueryBuilder) => where(query).andWhereNot((row) => held(row, busyState));
      const touched = await inBatches({ knex: store.knex, table, key, where: idle, ...(apply ? { apply } : {}) });
      counts[table] = (counts[table] ?? 0) + touched;
      if (busyState) busy += await countBusy(where(store.knex(table)), busyState);
    }
    if (busy === 0) return counts;
    if (Date.now() > deadline) throw stillBusy(subject, busy);
    onWait(busy);
    await sleep(LOOK_AGAIN_MS);
  }
}

function stillBusy(subject: Subject, rows: number): CommandError {
  const what = `${rows} of the rows of ${nameOf(subject)} are still being worked on`;
  return new CommandError(`${what}. The others are deleted: run the command again for the rest.`);
}

/** A row whose lease has run out is nobody's. */
function held(query: Knex.QueryBuilder, busyState: string | undefined): void {
  if (busyState === undefined) query.whereRaw('1 = 0');
  else query.where('state', busyState).andWhereRaw('coalesce(lease_until, 0) >= ?', [Date.now()]);
}

async function countBusy(query: Knex.QueryBuilder, busyState: string): Promise<number> {
  const [row] = await query.andWhere((one) => held(one, busyState)).count({ rows: '*' });
  return Number(row?.rows ?? 0);
}

interface Step {
  table: string;
  key: string;
  /** The subject's rows that still hold something. */
  where: (query: Knex.QueryBuilder) => Knex.QueryBuilder;
  busyState?: string;
  /** Deletes the rows when left out. */
  apply?: (query: Knex.QueryBuilder) => PromiseLike<number>;
}

async function stepsOf(store: Store, subject: Subject): Promise<Step[]> {
  const where = (query: Knex.QueryBuilder) => query.where(columnsOf(subject));
  const tables = await conversationTables(store, subject.tenantId);
  return [
    {
      table: 'inbox',
      key: 'id',
      busyState: 'working',
      where: (query) => where(query).andWhere(holdsSomething),
      apply: (query: Knex.QueryBuilder) => query.update(emptied(store.knex)),
    },
    { table: 'outbox', key: 'id', busyState: 'sending', where },
    { table: 'session', key: 'session_key', where },
    ...tables.map((table) => ({ table, key: 'id', where })),
  ];
}

/** The ids of a message stay until the platform cannot repeat it any more: else it would be answered again. */
const emptied = (knex: Knex) => ({
  ...{ state: 'done', payload: '{}', user_id: '', lease_owner: null, lease_until: null },
  finished_at: knex.raw('coalesce(finished_at, ?)', [Date.now()]),
});

function holdsSomething(query: Knex.QueryBuilder): void {
  query.whereNot('state', 'done').orWhereNot('payload', '{}').orWhereNot('user_id', '');
}
