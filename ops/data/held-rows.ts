// Reads everything held about a subject, page by page, as lines of JSON.
import type { Knex } from 'knex';
import { BATCH_ROWS } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { toJsonLine } from '../process/terminal.ts';
import { columnsOf, isPerson, type Subject } from './subject.ts';

type Row = Record<string, unknown>;

/** One `{"table", "row"}` a line. Left out is what says nothing of people: leases, and where the platform wants replies. */
export async function* heldLines(store: Store, subject: Subject): AsyncGenerator<string> {
  const where = columnsOf(subject);
  for await (const [table, row] of heldRows(store, subject, where)) {
    yield `${toJsonLine({ table, row: readable(row) })}\n`;
  }
}

async function* heldRows(
  store: Store,
  subject: Subject,
  where: Record<string, string>,
): AsyncGenerator<[table: string, row: Row]> {
  const { knex } = store;
  for (const table of isPerson(subject) ? [] : ['tenant_config', 'tenant_channel']) {
    for (const row of await knex(table).where(where)) yield [table, row];
  }
  const said = await conversationTables(store, subject.tenantId);
  for (const table of [...said, 'session', 'inbox', 'outbox']) {
    const key = table === 'session' ? 'session_key' : 'id';
    for await (const row of rowsOf(knex, { table, key, where })) yield [table, row];
  }
}

interface Held {
  table: string;
  /** The primary key. */
  key: string;
  where: Record<string, string>;
}

/** A page at a time: the bot goes on writing, and no more than a page is in memory. */
async function* rowsOf(knex: Knex, { table, key, where }: Held): AsyncGenerator<Row> {
  let last: unknown;
  for (;;) {
    const query = knex(table).where(where).orderBy(key).limit(BATCH_ROWS);
    if (last !== undefined) query.andWhere(key, '>', last as string); // a key of the page before
    const rows: Row[] = await query;
    yield* rows;
    if (rows.length < BATCH_ROWS) return;
    last = rows.at(-1)?.[key];
  }
}

const LEFT_OUT = ['target', 'lease_owner', 'lease_until', 'available_at', 'idempotency_key'];

function readable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => (LEFT_OUT.includes(name) ? [] : [[name, plain(name, value)]])),
  );
}

/** Times as ISO text, texts that hold JSON as what they hold. */
function plain(name: string, value: unknown): unknown {
  if (value === null) return null;
  if (name.endsWith('_at')) return new Date(Number(value)).toISOString();
  if (name === 'create_time') return toIso(value);
  if (name === 'context') return JSON.parse(String(value));
  if (name !== 'payload') return value;
  const { target: _target, ...message } = JSON.parse(String(value)) as Row; // written by the inbox
  return message;
}

/** MariaDB's driver gives a date, SQLite the text it keeps; both are UTC. */
function toIso(value: unknown): string {
  return (value instanceof Date ? value : new Date(`${String(value).replace(' ', 'T')}Z`)).toISOString();
}
