// Deletes all rows of a subject, also while the bot is processing some of them.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { inBatches } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { CommandError } from '../process/command-error.ts';
import { columnsOf, nameOf, type Subject } from './subject.ts';

/** Number of rows by table. */
export type Counts = Record<string, number>;

export interface EraseOptions {
  subject: Subject;
  /** Milliseconds to wait for work in progress. */
  timeoutMs: number;
  /** Called before each pause with the number of rows in progress. */
  onWait: (rows: number) => void;
}

const POLL_INTERVAL_MS = 500;

/** Counts the rows that `erase` would delete now. */
export async function countRows(store: Store, subject: Subject): Promise<Counts> {
  const counts: Counts = {};
  for (const { table, where } of await eraseSteps(store, subject)) {
    const [row] = await where(store.knex(table)).count({ rows: '*' });
    counts[table] = Number(row?.rows ?? 0);
  }
  return counts;
}

/**
 * Deletes the rows in the order of processing: messages, reply parts, sessions, conversations. Once no message is being
 * answered, the bot writes no new parts, sessions or conversations of the subject. Waits for rows in progress.
 * Throws `CommandError` if they are not finished within `timeoutMs`; all other rows are deleted by then.
 */
export async function erase(store: Store, { subject, timeoutMs, onWait }: EraseOptions): Promise<Counts> {
  const counts: Counts = {};
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let busy = 0;
    for (const { table, key, where, busyState, apply } of await eraseSteps(store, subject)) {
      const idle = (query: Knex.QueryBuilder) => where(query).andWhereNot((row) => isLeased(row, busyState));
      const touched = await inBatches({ knex: store.knex, table, key, where: idle, ...(apply ? { apply } : {}) });
      counts[table] = (counts[table] ?? 0) + touched;
      if (busyState) busy += await countBusy(where(store.knex(table)), busyState);
    }
    if (busy === 0) return counts;
    if (Date.now() > deadline) throw stillBusy(subject, busy);
    onWait(busy);
    await sleep(POLL_INTERVAL_MS);
  }
}

function stillBusy(subject: Subject, rows: number): CommandError {
  const problem = `Rows of ${nameOf(subject)} still in progress: ${rows}`;
  return new CommandError(`${problem}. The others are deleted: run the command again for the rest.`);
}

/** Selects rows with a valid lease. A row whose lease has expired belongs to no process. */
function isLeased(query: Knex.QueryBuilder, busyState: string | undefined): void {
  if (busyState === undefined) query.whereRaw('1 = 0');
  else query.where('state', busyState).andWhereRaw('coalesce(lease_until, 0) >= ?', [Date.now()]);
}

async function countBusy(query: Knex.QueryBuilder, busyState: string): Promise<number> {
  const [row] = await query.andWhere((one) => isLeased(one, busyState)).count({ rows: '*' });
  return Number(row?.rows ?? 0);
}

interface EraseStep {
  table: string;
  key: string;
  /** Selects the subject's rows that still contain data. */
  where: (query: Knex.QueryBuilder) => Knex.QueryBuilder;
  busyState?: string;
  /** Changes the rows. If missing, the rows are deleted. */
  apply?: (query: Knex.QueryBuilder) => PromiseLike<number>;
}

async function eraseSteps(store: Store, subject: Subject): Promise<EraseStep[]> {
  const where = (query: Knex.QueryBuilder) => query.where(columnsOf(subject));
  const tables = await conversationTables(store, subject.tenantId);
  return [
    {
      table: 'inbox',
      key: 'id',
      busyState: 'working',
      where: (query) => where(query).andWhere(containsData),
      apply: (query: Knex.QueryBuilder) => query.update(emptied(store.knex)),
    },
    { table: 'outbox', key: 'id', busyState: 'sending', where },
    { table: 'session', key: 'session_key', where },
    ...tables.map((table) => ({ table, key: 'id', where })),
  ];
}

/**
 * Values that erase a message. Its ids stay, because a message that the platform delivers again must not be answered.
 */
const emptied = (knex: Knex) => ({
  ...{ state: 'done', payload: '{}', user_id: '', lease_owner: null, lease_until: null },
  finished_at: knex.raw('coalesce(finished_at, ?)', [Date.now()]),
});

function containsData(query: Knex.QueryBuilder): void {
  query.whereNot('state', 'done').orWhereNot('payload', '{}').orWhereNot('user_id', '');
}
