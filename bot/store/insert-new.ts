// Inserts many rows at once and says which of them were new: one round trip, one commit, whatever their number.
import type { Knex } from 'knex';
import type { Store } from './open-store.ts';
import { retryOnDeadlock } from './retry-on-deadlock.ts';
import type { LibsqlClient } from './sqlite/client.ts';

/** Every row has the same columns, and a `trace_id` of its own. */
export type NewRow = Record<string, string | number | null> & { trace_id: string };

/**
 * Inserts the rows whose unique keys are free. Resolves with the trace ids of the rows that are in; the others
 * were taken, by an earlier row of the table or of the same call. Rejects, with nothing inserted, when the database
 * refuses a row for any other reason.
 */
export function insertNew(store: Store, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  return store.dialect === 'mysql'
    ? insertIntoMysql(store.knex, table, rows)
    : insertIntoSqlite(store.knex, table, rows);
}

async function insertIntoMysql(knex: Knex, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  // A taken key makes the statement return the earlier row, which has another trace id. `insert ignore` would also
  // ignore what must not be ignored: values that are too long, for one.
  const insert = knex(table).insert(rows).toSQL().toNative();
  const sql = `${insert.sql} on duplicate key update id = id returning trace_id`;
  const [returned = []] = await retryOnDeadlock<{ trace_id: string }[][]>(() =>
    knex.raw(sql, insert.bindings as Knex.RawBinding[]),
  );
  const ours = new Set(rows.map((row) => row.trace_id));
  return new Set(returned.map((row) => row.trace_id).filter((id) => ours.has(id)));
}

/** Straight to the driver: it runs in this thread, and building the statement would cost ten times what SQLite takes. */
function insertIntoSqlite(knex: Knex, table: string, rows: readonly NewRow[]): Promise<ReadonlySet<string>> {
  const columns = Object.keys(rows[0] ?? {});
  const sql = `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) on conflict do nothing`;
  return (knex.client as LibsqlClient).write((connection) => {
    const insert = connection.prepare(sql);
    const inserted = rows.filter((row) => insert.run(columns.map((column) => row[column])).changes === 1);
    return new Set(inserted.map((row) => row.trace_id));
  });
}
