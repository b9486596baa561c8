// Migrations of MariaDB that are cut off: each statement of a schema is committed on its own.
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

/** Runs the migrations up to the second change of the schema. False when that came, as after a crash. */
async function migrateOneStep(url: string): Promise<boolean> {
  let changes = 0;
  const query = MysqlClient.prototype._query;
  const cut = jest.spyOn(MysqlClient.prototype, '_query').mockImplementation(async function (
    this: MysqlClient,
    ...args
  ) {
    if (/^(create|alter|drop)\b/i.test(args[1].sql) && ++changes > 1) throw new Error('cut off');
    return query.apply(this, args);
  });
  const store = openStore(url);
  try {
    await migrate(store);
    return true;
  } catch (error) {
    expect((error as Error).message).toContain('cut off');
    return false;
  } finally {
    cut.mockRestore();
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

test('a migration that is cut off after each of its statements ends with the same keys', async () => {
  const [whole, cut] = [await mariadb.createDatabase(), await mariadb.createDatabase()];
  const store = openStore(whole);
  await migrate(store);
  await store.close();
  let runs = 0;
  while (!(await migrateOneStep(cut))) runs += 1;
  expect(runs).toBeGreaterThan(10);
  expect(await schemaOf(cut)).toEqual(await schemaOf(whole));
});
