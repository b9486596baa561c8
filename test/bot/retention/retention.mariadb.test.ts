// Retention on a real MariaDB with another time zone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { settleConversations } from '../../../bot/tenants/conversation-tables.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { conversationRow } from '../store/rows.ts';
import { describeRetention } from './describe-retention.ts';

let server: Mariadb;

beforeAll(async () => {
  server = await startMariadb();
  const store = openStore(server.url);
  await store.knex.raw("set global time_zone = '+08:00'");
  await store.close();
});
afterAll(() => server.stop());

describeRetention('MariaDB', async () => ({ create: () => server.createDatabase(), stop: async () => {} }));

test('concurrent moves of the same rows do not duplicate them', async () => {
  const url = await server.createDatabase();
  const stores = [1, 2, 3].map(() => openStore(url));
  const [store] = stores as [(typeof stores)[number]]; // three were created
  await migrate(store);
  await store.knex('tenant_config').insert({ tenant_id: 'own', isolation: 'dedicated' });
  await store.knex('conversation_log').insert(Array.from({ length: 900 }, () => conversationRow({ tenant_id: 'own' })));
  const moved = await Promise.all(stores.map((one) => settleConversations(one, 'own', 'dedicated')));
  expect(moved.reduce((sum, rows) => sum + rows)).toBe(900);
  await expect(store.knex('conversation_log__own').count({ rows: '*' })).resolves.toEqual([{ rows: 900 }]);
  await Promise.all(stores.map((one) => one.close()));
});
