// Compares the schema of a database with the migrations that this program knows.
import type { Knex } from 'knex';
import { type Migration, migrations } from '../../sql/migrations.ts';

export const MIGRATION_TABLE = 'schema_migration';

export interface SchemaVersion {
  /** Migrations that the database lacks. */
  missing: string[];
  /** Migrations that this program does not know, because a newer version ran them. */
  unknown: string[];
}

export async function readSchemaVersion(knex: Knex, list: readonly Migration[] = migrations): Promise<SchemaVersion> {
  const known = list.map(({ name }) => name);
  const done: string[] = (await knex.schema.hasTable(MIGRATION_TABLE)) ? await knex(MIGRATION_TABLE).pluck('name') : [];
  return {
    missing: known.filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !known.includes(name)),
  };
}
