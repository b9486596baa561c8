// Creates tables, columns and indexes once, with the same comparison rules on both dialects.
import type { Knex } from 'knex';

/**
 * Creates the table `name` with its keys, or only the missing keys of an existing table. MariaDB commits each DDL
 * statement on its own, and knex adds each key by its own statement. So an interrupted migration must be able to
 * continue. On MariaDB, strings compare by bytes, as on SQLite: platform ids that differ only in case are different
 * ids.
 */
export async function createTable(
  knex: Knex,
  name: string,
  build: (table: Knex.CreateTableBuilder) => void,
): Promise<void> {
  if (knex.client.dialect === 'mysql') return createMysqlTable(knex, name, build);
  if (await knex.schema.hasTable(name)) return;
  await knex.schema.createTable(name, build);
}

async function createMysqlTable(
  knex: Knex,
  name: string,
  build: (table: Knex.CreateTableBuilder) => void,
): Promise<void> {
  const exists = await knex.schema.hasTable(name);
  const existing = exists ? await keyNames(knex, name) : [];
  const schema = knex.schema.createTable(name, (table) => {
    table.engine('InnoDB');
    table.charset('utf8mb4');
    table.collate('utf8mb4_nopad_bin');
    build(table);
  });
  for (const { sql } of schema.toSQL() as unknown as { sql: string }[]) {
    // knex's type is a single statement
    const key = ADDED_KEY.exec(sql)?.[1];
    const isPresent = key === undefined ? exists : existing.includes(key);
    if (!isPresent) await knex.raw(sql);
  }
}

/** Matches the statement by which knex adds a key to a new table. */
const ADDED_KEY = /^alter table \S+ add (?:unique|index|constraint) `([^`]+)`/;

/** Adds those of `columns` that the table lacks, so that an interrupted migration can run again. */
export async function addColumns(
  knex: Knex,
  name: string,
  columns: Record<string, (table: Knex.AlterTableBuilder) => void>,
): Promise<void> {
  for (const [column, add] of Object.entries(columns)) {
    if (!(await knex.schema.hasColumn(name, column))) await knex.schema.alterTable(name, add);
  }
}

/** Adds those of `indexes` that the table lacks, on MariaDB in one pass over the table. */
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

/** Resolves with the names of the indexes and foreign keys of a MariaDB table. */
async function keyNames(knex: Knex, table: string): Promise<string[]> {
  const constraints: { name: string }[] = await knex('information_schema.table_constraints')
    .whereRaw('table_schema = database()')
    .andWhere('table_name', table)
    .select('constraint_name as name');
  return [...(await indexNames(knex, table)), ...constraints.map(({ name }) => name)];
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
