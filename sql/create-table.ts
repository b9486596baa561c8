// Creates tables, columns and indexes once, with the same comparison rules on both dialects.
import type { Knex } from 'knex';

/**
 * Creates `name` unless it exists: MariaDB commits each DDL statement on its own, so a migration that was
 * cut off must be able to run again. On MariaDB strings compare by bytes, as on SQLite: platform ids that
 * differ only in case are different ids.
 */
export async function createTable(
  knex: Knex,
  name: string,
  build: (table: Knex.CreateTableBuilder) => void,
): Promise<void> {
  if (await knex.schema.hasTable(name)) return;
  await knex.schema.createTable(name, (table) => {
    if (knex.client.dialect === 'mysql') {
      table.engine('InnoDB');
      table.charset('utf8mb4');
      table.collate('utf8mb4_nopad_bin');
    }
    build(table);
  });
}

/** Adds those of `columns` that the table does not have yet, so that a migration that was cut off can run again. */
export async function addColumns(
  knex: Knex,
  name: string,
  columns: Record<string, (table: Knex.AlterTableBuilder) => void>,
): Promise<void> {
  for (const [column, add] of Object.entries(columns)) {
    if (!(await knex.schema.hasColumn(name, column))) await knex.schema.alterTable(name, add);
  }
}

/** Adds those of `indexes` that the table does not have yet, in one pass over the table on MariaDB. */
export async function addIndexes(knex: Knex, table: string, indexes: Record<string, readonly string[]>): Promise<void> {
  const existing = await indexNames(knex, table);
  const wanted = Object.entries(indexes).filter(([name]) => !existing.includes(name));
  if (wanted.length === 0) return;
  await knex.schema.alterTable(table, (alter) => {
    for (const [name, columns] of wanted) alter.index([...columns], name);
  });
}

/** Drops those of `names` that the table still has. */
export async function dropIndexes(knex: Knex, table: string, names: readonly string[]): Promise<void> {
  const existing = await indexNames(knex, table);
  for (const name of names.filter((each) => existing.includes(each))) {
    await knex.schema.alterTable(table, (alter) => alter.dropIndex([], name));
  }
}

async function indexNames(knex: Knex, table: string): Promise<string[]> {
  const catalogue =
    knex.client.dialect === 'mysql'
      ? knex('information_schema.statistics')
          .whereRaw('table_schema = database()')
          .andWhere('table_name', table)
          .distinct('index_name as name')
      : knex('sqlite_master').where({ type: 'index', tbl_name: table }).select('name');
  const rows: { name: string }[] = await catalogue;
  return rows.map(({ name }) => name);
}
