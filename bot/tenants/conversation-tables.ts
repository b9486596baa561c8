// Tables with the conversations of a tenant: the shared table, or a dedicated one.
import type { Knex } from 'knex';
import { createTable } from '../../sql/create-table.ts';
import { BATCH_ROWS } from '../store/in-batches.ts';
import type { Store } from '../store/open-store.ts';

/** Milliseconds that a running bot caches a tenant. A change takes effect within this time. */
export const TENANT_KEPT_MS = 2_000;

export type Isolation = 'shared' | 'dedicated';

export const SHARED_TABLE = 'conversation_log';

/** Pattern of tenant ids. It is strict, because the id is part of a table name. */
export const TENANT_ID = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** Returns the table name of a dedicated tenant. Throws if the tenant id is not valid in a table name. */
export function dedicatedTable(tenantId: string): string {
  if (!TENANT_ID.test(tenantId)) throw new Error(`The tenant id ${JSON.stringify(tenantId)} cannot name a table.`);
  return `conversation_log__${tenantId}`;
}

/** Name of a dedicated table before it is dropped. No process inserts rows under this name, so no row is lost. */
const leavingTable = (tenantId: string) => `conversation_leaving__${tenantId}`;

/** Creates the table of a dedicated tenant if it does not exist. */
async function createDedicatedTable(store: Store, tenantId: string): Promise<void> {
  const name = dedicatedTable(tenantId);
  try {
    await createTable(store.knex, name, (table) => addColumns(store, table, name));
  } catch (error) {
    // If the table exists now, another process created it at the same time.
    if (!(await store.knex.schema.hasTable(name))) throw error;
  }
}

/** Adds the columns of the shared table. A foreign key is not needed, because the table is dropped with its tenant. */
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

/**
 * Returns the tables with conversations of a tenant, or of all tenants: the shared one, and existing dedicated ones.
 */
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
 * Moves all rows of a tenant to the table of its isolation. Resolves with the number of moved rows. Each batch is a
 * transaction. If the move is interrupted, for example by `signal`, the next call continues it. A bot that has cached
 * the old isolation may still write to the old table, so each sweep of the retention calls this function.
 */
export async function settleConversations(
  store: Store,
  tenantId: string,
  isolation: Isolation,
  signal?: AbortSignal,
): Promise<number> {
  const [own, leaving] = [dedicatedTable(tenantId), leavingTable(tenantId)];
  // Renaming stops inserts into the dedicated table. A later row goes to the shared table.
  if (isolation === 'shared') await rename(store, own, leaving);
  else await rename(store, leaving, own);
  if (isolation === 'dedicated') await createDedicatedTable(store, tenantId);
  const target = isolation === 'dedicated' ? own : SHARED_TABLE;
  let moved = 0;
  for (const source of await conversationTables(store, tenantId)) {
    if (source !== target) moved += await moveRows(store, { source, target, tenantId, signal });
    if (signal?.aborted) break; // rows are left in the source, so it must not be dropped
    if (source === leaving) await store.knex.schema.dropTableIfExists(source);
  }
  return moved;
}

async function rename({ knex }: Store, from: string, to: string): Promise<void> {
  if ((await knex.schema.hasTable(from)) && !(await knex.schema.hasTable(to))) await knex.schema.renameTable(from, to);
}

/** Drops the dedicated tables of a tenant. */
export async function dropDedicatedTables(store: Store, tenantId: string): Promise<void> {
  for (const table of await conversationTables(store, tenantId)) {
    if (table !== SHARED_TABLE) await store.knex.schema.dropTableIfExists(table);
  }
}

interface RowMove {
  source: string;
  target: string;
  tenantId: string;
  /** Ends the move between two batches. */
  signal: AbortSignal | undefined;
}

async function moveRows(store: Store, { source, target, tenantId, signal }: RowMove): Promise<number> {
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

/**
 * Moves the rows. Copies exactly the rows that it deletes, also if another process moves the same rows concurrently.
 */
async function moveBatch(
  { knex, dialect }: Store,
  { source, target, ids }: Pick<RowMove, 'source' | 'target'> & { ids: number[] },
): Promise<number> {
  return knex.transaction(async (trx) => {
    // MariaDB needs row locks (https://mariadb.com/kb/en/innodb-lock-modes/). SQLite allows one writer at a time
    // (https://www.sqlite.org/isolation.html). Both pages were read 2026-11.
    const locked: number[] = dialect === 'mysql' ? await trx(source).whereIn('id', ids).forUpdate().pluck('id') : ids;
    if (locked.length === 0) return 0;
    const marks = locked.map(() => '?').join(', ');
    const copy = `insert into ?? (${COLUMNS}) select ${COLUMNS} from ?? where id in (${marks}) order by id`;
    await trx.raw(copy, [target, source, ...locked]);
    const deleted: number = await trx(source).whereIn('id', locked).delete();
    return deleted;
  });
}
