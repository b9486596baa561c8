// Inserts any number of rows in one round trip and one commit, and returns which of them were new.
import type { Knex } from 'knex';
import type { Store } from './open-store.ts';
import { retryOnDeadlock } from './retry-on-deadlock.ts';
import type { LibsqlClient } from './sqlite/client.ts';

/** Row to insert. All rows have the same columns, and each has its own `trace_id`. */
export type NewRow = Record<string, string | number | null> & { trace_id: string };

/**
 * Inserts the rows whose unique keys are free, and resolves with their trace ids. The other rows have a key of an
 * earlier row, in the table or in the same call. If the database rejects a row for another reason, inserts nothing and
 * rejects.
 */
export function insertNew(store: Store, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  return store.dialect === 'mysql'
    ? insertIntoMysql(store.knex, table, rows)
    : insertIntoSqlite(store.knex, table, rows);
}

async function insertIntoMysql(knex: Knex, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  // For a duplicate key the statement returns the earlier row, which has another trace id. `insert ignore` would also
  // ignore other errors, such as values that are too long.
  const insert = knex(table).insert(rows).toSQL().toNative();
  const sql = `${insert.sql} on duplicate key update id = id returning trace_id`;
  const [returned = []] = await retryOnDeadlock<{ trace_id: string }[][]>(() =>
    knex.raw(sql, insert.bindings as Knex.RawBinding[]),
  );
  const ours = new Set(rows.map((row) => row.trace_id));
  return new Set(returned.map((row) => row.trace_id).filter((id) => ours.has(id)));
}

/**
 * Uses the driver directly, because it runs in this thread. Building the statement with knex would cost ten times as
 * much as running it.
 */
function insertIntoSqlite(knex: Knex, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  const columns = Object.keys(rows[0] ?? {});
  const sql = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) on conflict do nothing`;
  return (knex.client as LibsqlClient).write((connection) => {
    const insert = connection.prepare(sql);
    const inserted = rows.filter((row) => insert.run(columns.map((column) => row[column])).changes === 1);
    return new Set(inserted.map((row) => row.trace_id));
  });
}
