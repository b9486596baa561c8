// Creates tables and columns once, with the same comparison rules on both dialects.
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
    if (knex.client.config.client === 'mysql2') {
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
