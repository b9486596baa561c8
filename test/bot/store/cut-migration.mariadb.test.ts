// Interrupted migrations on MariaDB, which commits each DDL statement on its own.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { migrate } from '../../../bot/store/migrate.ts';
import { MysqlClient } from '../../../bot/store/mysql-client.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';

let mariadb: Mariadb;

beforeAll(async () => {
  mariadb = await startMariadb();
});
afterAll(() => mariadb.stop());

/**
 * Runs the migrations until the second schema change fails, as after a crash. Resolves with true if all of them ran.
 */
async function migrateOneStep(url: string): Promise<boolean> {
  let changes = 0;
  const query = MysqlClient.prototype._query;
  const spy = jest.spyOn(MysqlClient.prototype, '_query').mockImplementation(async function (
    this: MysqlClient,
    ...args
  ) {
    if (/^(create|alter|drop)\b/i.test(args[1].sql) && ++changes > 1) throw new Error('interrupted');
    return query.apply(this, args);
  });
  const store = openStore(url);
  try {
    await migrate(store);
    return true;
  } catch (error) {
    expect((error as Error).message).toContain('interrupted');
    return false;
  } finally {
    spy.mockRestore();
    await store.close();
  }
}

async function schemaOf(url: string): Promise<Record<string, string>> {
  const store: Store = openStore(url);
  const tables: { name: string }[] = await store
    .knex('information_schema.tables')
    .whereRaw('table_schema = database()')
    .select('table_name as name')
    .orderBy('name');
  const schema: Record<string, string> = {};
  for (const { name: table } of tables) {
    const [[row]] = (await store.knex.raw('show create table ??', [table])) as [[Record<string, string>]];
    schema[table] = String(row['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '');
  }
  await store.close();
  return schema;
}

test('creates the same keys if the migrations are interrupted after each statement', async () => {
  const [complete, interrupted] = [await mariadb.createDatabase(), await mariadb.createDatabase()];
  const store = openStore(complete);
  await migrate(store);
  await store.close();
  let runs = 0;
  while (!(await migrateOneStep(interrupted))) runs += 1;
  expect(runs).toBeGreaterThan(10);
  expect(await schemaOf(interrupted)).toEqual(await schemaOf(complete));
});
