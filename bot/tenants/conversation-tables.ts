// Where a tenant's conversations lie: in the shared table, or in a table of its own.
import type { Knex } from 'knex';
import { createTable } from '../../sql/create-table.ts';
import { BATCH_ROWS } from '../store/in-batches.ts';
import type { Store } from '../store/open-store.ts';

/** How long a running bot remembers a tenant, in milliseconds; a change counts from then on. */
export const TENANT_KEPT_MS = 2_000;

export type Isolation = 'shared' | 'dedicated';

export const SHARED_TABLE = 'conversation_log';

/** What a tenant id may look like: it is part of a table's name. */
export const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** The table of a dedicated tenant. */
export function dedicatedTable(tenantId: string): string {
  if (!TENANT_ID.test(tenantId)) throw new Error(`The tenant id ${JSON.stringify(tenantId)} cannot name a table.`);
  return `conversation_log__${tenantId}`;
}

/** A dedicated table on its way out. It takes no new rows under this name, so nothing is lost when it is dropped. */
const leavingTable = (tenantId: string) => `conversation_leaving__${tenantId}`;

/** Creates the table of a dedicated tenant unless it exists. */
async function createDedicatedTable(store: Store, tenantId: string): Promise<void> {
  const name = dedicatedTable(tenantId);
  try {
    await createTable(store.knex, name, (table) => addColumns(store, table, name));
  } catch (error) {
    // Another process may have been faster.
    if (!(await store.knex.schema.hasTable(name))) throw error;
  }
}

/** Those of the shared table. The table comes and goes with its tenant, so it needs no foreign key. */
function addColumns({ knex }: Store, table: Knex.CreateTableBuilder, name: string): void {
  table.bigIncrements('id');
  table.string('tenant_id', 32).notNullable();
  table.string('user_id', 191).notNullable();
  table.text('content', 'mediumtext').notNullable();
  table.timestamp('create_time').notNullable().defaultTo(knex.fn.now());
  table.string('role', 16).notNullable();
  table.string('platform', 16).notNullable();
  table.string('chat_id', 191).notNullable();
  table.string('trace_id', 32).notNullable();
  table.index(['tenant_id', 'create_time'], `${name}_time`);
}

/** The tables that hold conversations of one tenant, or of all: the shared one and what else exists. */
export async function conversationTables({ knex, dialect }: Store, tenantId?: string): Promise<string[]> {
  const catalogue =
    dialect === 'mysql'
      ? knex('information_schema.tables').whereRaw('table_schema = database()').select('table_name as name')
      : knex('sqlite_master').where('type', 'table').select('name');
  const rows: { name: string }[] = await catalogue;
  const existing = rows.map(({ name }) => name).sort();
  const own =
    tenantId !== undefined && TENANT_ID.test(tenantId) ? [dedicatedTable(tenantId), leavingTable(tenantId)] : [];
  const isOne = (name: string) =>
    tenantId === undefined ? /^conversation_(log|leaving)__/.test(name) : own.includes(name);
  return [SHARED_TABLE, ...existing.filter(isOne)];
}

/**
 * Brings all rows of a tenant to where its isolation wants them and resolves with how many moved. Each batch is a
 * transaction; cut off, as by `signal`, it goes on at the next call. A bot that still remembers the old isolation may
 * write to the old place for a moment, so the retention calls this again and again.
 */
export async function settleConversations(
  store: Store,
  tenantId: string,
  isolation: Isolation,
  signal?: AbortSignal,
): Promise<number> {
  const [own, leaving] = [dedicatedTable(tenantId), leavingTable(tenantId)];
  // By its new name nobody writes to it: a row is in the table before it is emptied, or goes to the shared one.
  if (isolation === 'shared') await rename(store, own, leaving);
  else await rename(store, leaving, own);
  if (isolation === 'dedicated') await createDedicatedTable(store, tenantId);
  const target = isolation === 'dedicated' ? own : SHARED_TABLE;
  let moved = 0;
  for (const source of await conversationTables(store, tenantId)) {
    if (source !== target) moved += await moveRows(store, { source, target, tenantId, signal });
    if (signal?.aborted) break; // with rows left in the source
    if (source === leaving) await store.knex.schema.dropTableIfExists(source);
  }
  return moved;
}

async function rename({ knex }: Store, from: string, to: string): Promise<void> {
  if ((await knex.schema.hasTable(from)) && !(await knex.schema.hasTable(to))) await knex.schema.renameTable(from, to);
}

/** Deletes the tables of a tenant's own. */
export async function dropDedicatedTables(store: Store, tenantId: string): Promise<void> {
  for (const table of await conversationTables(store, tenantId)) {
    if (table !== SHARED_TABLE) await store.knex.schema.dropTableIfExists(table);
  }
}

interface Move {
  source: string;
  target: string;
  tenantId: string;
  /** Ends the move between two batches. */
  signal: AbortSignal | undefined;
}

async function moveRows(store: Store, { source, target, tenantId, signal }: Move): Promise<number> {
  const { knex } = store;
  let moved = 0;
  while (!signal?.aborted) {
    const ids: number[] = await knex(source).where('tenant_id', tenantId).orderBy('id').limit(BATCH_ROWS).pluck('id');
    if (ids.length === 0) break;
    moved += await moveBatch(store, { source, target, ids });
  }
  return moved;
}

const COLUMNS = 'tenant_id, user_id, content, create_time, role, platform, chat_id, trace_id';

/** Copies exactly what it deletes, also when another process moves the same rows at this moment. */
async function moveBatch(
  { knex, dialect }: Store,
  { source, target, ids }: Pick<Move, 'source' | 'target'> & { ids: number[] },
): Promise<number> {
  return knex.transaction(async (trx) => {
    // SQLite has one writer, and its transaction begins with the first write; MariaDB locks row by row.
    const held: number[] = dialect === 'mysql' ? await trx(source).whereIn('id', ids).forUpdate().pluck('id') : ids;
    if (held.length === 0) return 0;
    const marks = held.map(() => '?').join(', ');
    const copy = `insert into ?? (${COLUMNS}) select ${COLUMNS} from ?? where id in (${marks}) order by id`;
    await trx.raw(copy, [target, source, ...held]);
    const deleted: number = await trx(source).whereIn('id', held).delete();
    return deleted;
  });
}
