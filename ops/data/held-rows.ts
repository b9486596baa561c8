// Reads all rows of a subject, page by page, as JSON lines.
import type { Knex } from 'knex';
import { decodePayload } from '../../bot/domain/payload.ts';
import { parseJson } from '../../bot/runtime/json.ts';
import { BATCH_ROWS } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { conversationTables } from '../../bot/tenants/conversation-tables.ts';
import { toJsonLine } from '../process/terminal.ts';
import { columnsOf, isPerson, type Subject } from './subject.ts';

type Row = Record<string, unknown>;

/**
 * Yields one `{"table", "row"}` a line. Columns without personal data are left out: leases, due times, and the
 * platform's reply target.
 */
export async function* exportLines(store: Store, subject: Subject): AsyncGenerator<string> {
  const where = columnsOf(subject);
  for await (const [table, row] of subjectRows(store, subject, where)) {
    yield `${toJsonLine({ table, row: readable(row) })}\n`;
  }
}

async function* subjectRows(
  store: Store,
  subject: Subject,
  where: Record<string, string>,
): AsyncGenerator<[table: string, row: Row]> {
  const { knex } = store;
  for (const table of isPerson(subject) ? [] : ['tenant_config', 'tenant_channel']) {
    for (const row of await knex(table).where(where)) yield [table, row];
  }
  const conversations = await conversationTables(store, subject.tenantId);
  for (const table of [...conversations, 'session', 'inbox', 'outbox']) {
    const key = table === 'session' ? 'session_key' : 'id';
    for await (const row of rowsOf(knex, { table, key, where })) yield [table, row];
  }
}

interface TableQuery {
  table: string;
  /** The primary key. */
  key: string;
  where: Record<string, string>;
}

/** Reads one page at a time, so that no more than a page is in memory. The bot may write rows at the same time. */
async function* rowsOf(knex: Knex, { table, key, where }: TableQuery): AsyncGenerator<Row> {
  let last: unknown;
  for (;;) {
    const query = knex(table).where(where).orderBy(key).limit(BATCH_ROWS);
    if (last !== undefined) query.andWhere(key, '>', last as string); // key of the previous page
    const rows: Row[] = await query;
    yield* rows;
    if (rows.length < BATCH_ROWS) return;
    last = rows.at(-1)?.[key];
  }
}

const OMITTED_COLUMNS = ['target', 'lease_owner', 'lease_until', 'available_at', 'idempotency_key'];

function readable(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      OMITTED_COLUMNS.includes(name) ? [] : [[name, readableValue(name, value)]],
    ),
  );
}

/** Converts times to ISO text and JSON columns to their values. */
function readableValue(name: string, value: unknown): unknown {
  if (value === null) return null;
  if (name.endsWith('_at')) return new Date(Number(value)).toISOString();
  if (name === 'create_time') return toIso(value);
  if (name === 'context') return parseJson(String(value)) ?? value;
  if (name !== 'payload') return value;
  const { target: _target, ...message } = decodePayload(String(value)) as Row; // written by the inbox
  return message;
}

/** Converts a database time to ISO text. MariaDB's driver returns a `Date`, SQLite the stored text; both are UTC. */
function toIso(value: unknown): string {
  return (value instanceof Date ? value : new Date(`${String(value).replace(' ', 'T')}Z`)).toISOString();
}
