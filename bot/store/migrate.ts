// Runs the forward migrations of `sql/`, also when several processes start at once.
import knex, { type Knex } from 'knex';
import { type Migration, migrations } from '../../sql/migrations.ts';
import type { Store } from './open-store.ts';
import { LibsqlClient } from './sqlite-dialect.ts';

const LOCK_WAIT_SECONDS = 60;

/**
 * Brings the schema to the newest version and returns the names of the migrations it ran.
 * One process works, the others wait: the lock belongs to a connection, so a crash releases it. Knex keeps a
 * lock of its own in a table, which a crash would leave behind; whoever holds ours may clear it.
 */
export async function migrate(store: Store, list: readonly Migration[] = migrations): Promise<string[]> {
  const options: Knex.MigratorConfig = { migrationSource: migrationSource(list), tableName: 'schema_migration' };
  return withLock(store, async () => {
    await store.knex.migrate.forceFreeMigrationsLock(options);
    const [, ran] = (await store.knex.migrate.latest(options)) as [number, string[]];
    return ran;
  });
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
  return store.dialect === 'mysql' ? withMysqlLock(store.knex, work) : withSqliteLock(store.url, work);
}

async function withMysqlLock<T>(db: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await db.client.acquireConnection();
  try {
    const name = 'schema_migration';
    const [rows] = await db.raw('select get_lock(?, ?) as held', [name, LOCK_WAIT_SECONDS]).connection(connection);
    if (rows[0]?.held !== 1) {
      throw new Error(`Another process has been migrating for ${LOCK_WAIT_SECONDS} s. Look at it, then start again.`);
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

/** An exclusive transaction on a small database beside ours: the operating system ends it with the process. */
async function withSqliteLock<T>(url: string, work: () => Promise<T>): Promise<T> {
  const filename = url.slice('sqlite:'.length);
  if (filename === ':memory:') return work();
  const lock = knex({
    client: LibsqlClient,
    connection: { filename: `${filename}.migrate-lock` },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  try {
    await acquireSqliteLock(lock);
    try {
      return await work();
    } finally {
      await lock.raw('COMMIT');
    }
  } finally {
    await lock.destroy();
  }
}

/** libsql runs in this thread, so waiting inside SQLite would also stop the holder when it is this very process. */
async function acquireSqliteLock(lock: Knex): Promise<void> {
  const deadline = Date.now() + LOCK_WAIT_SECONDS * 1000;
  for (;;) {
    try {
      await lock.raw('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (Date.now() > deadline || !String((error as Error).message).includes('locked')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
