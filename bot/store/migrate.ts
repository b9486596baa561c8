// Runs the forward migrations of `sql/`. Safe when several processes start at once.
import type { Knex } from 'knex';
import Database from 'libsql';
import { type Migration, migrations } from '../../sql/migrations.ts';
import type { Store } from './open-store.ts';
import { MIGRATION_TABLE, readSchemaVersion } from './schema-version.ts';

const LOCK_WAIT_SECONDS = 60;

/** Thrown if a newer version has migrated the database. */
export class NewerSchemaError extends Error {
  override name = 'NewerSchemaError';
}

/**
 * Migrates the schema to the newest version, and resolves with the names of the migrations that ran. If none is
 * missing, writes nothing. One process migrates, the others wait. The lock belongs to a connection, so a crash releases
 * it. Knex also keeps a lock in a table, which a crash leaves behind. The holder of our lock may clear it.
 * @throws NewerSchemaError
 */
export async function migrate(store: Store, list: readonly Migration[] = migrations): Promise<string[]> {
  const { missing, unknown } = await readSchemaVersion(store.knex, list);
  if (unknown.length > 0) throw newerSchemaError(unknown);
  if (missing.length === 0) return [];
  const options: Knex.MigratorConfig = { migrationSource: migrationSource(list), tableName: MIGRATION_TABLE };
  return withLock(store, async () => {
    await store.knex.migrate.forceFreeMigrationsLock(options);
    const [, ran] = (await store.knex.migrate.latest(options)) as [number, string[]];
    return ran;
  });
}

function newerSchemaError(unknown: string[]): NewerSchemaError {
  const problem = `The database has the schema of a newer version (${unknown.join(', ')}).`;
  return new NewerSchemaError(`${problem} Install that version again, or restore the backup from before it.`);
}

function migrationSource(list: readonly Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: async () => [...list],
    getMigrationName: (migration) => migration.name,
    getMigration: async (migration) => ({
      up: migration.up,
      down: async () => {
        throw new Error(`Migration ${migration.name} cannot be undone: restore a backup instead.`);
      },
    }),
  };
}

function withLock<T>(store: Store, work: () => Promise<T>): Promise<T> {
  return store.file === undefined ? withMysqlLock(store.knex, work) : withSqliteLock(store.file, work);
}

async function withMysqlLock<T>(db: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await db.client.acquireConnection();
  try {
    const name = MIGRATION_TABLE;
    const [rows] = await db.raw('select get_lock(?, ?) as held', [name, LOCK_WAIT_SECONDS]).connection(connection);
    if (rows[0]?.held !== 1) {
      throw new Error(`Another process has been migrating for ${LOCK_WAIT_SECONDS} s. Check it, then start again.`);
    }
    try {
      return await work();
    } finally {
      await db.raw('select release_lock(?)', [name]).connection(connection);
    }
  } finally {
    await db.client.releaseConnection(connection);
  }
}

/**
 * Runs `work` under an exclusive transaction on a small database beside the main one. Closing that database, or the end
 * of the process, releases the lock.
 */
async function withSqliteLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = new Database(`${file}.migrate-lock`);
  try {
    await acquireSqliteLock(lock);
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * Polls for the lock. libsql runs in this thread, so waiting inside SQLite would block a holder in the same process.
 */
async function acquireSqliteLock(lock: Database.Database): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_SECONDS * 1000;
  for (;;) {
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (Date.now() > deadline || (error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
