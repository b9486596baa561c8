// Rows of one chat that are committed while MariaDB runs a lease: at most one of them is leased.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import { createInbox, type Inbox } from '../../../bot/inbox/inbox.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { inboxRow } from './rows.ts';

let mariadb: Mariadb;
let store: Store;
let inbox: Inbox;

beforeAll(async () => {
  mariadb = await startMariadb();
});
afterAll(async () => {
  await store.close();
  await mariadb.stop();
});
beforeEach(async () => {
  await store?.close();
  store = openStore(await mariadb.createDatabase());
  await migrate(store);
  inbox = createInbox({ store, owner: 'a', clock: Date.now });
});

/** Makes each statement pause for two seconds at row 1, so that others can write. Returns a query of the real table. */
async function makeSlow(): Promise<() => Knex.QueryBuilder> {
  await store.knex.schema.renameTable('inbox', 'inbox_rows');
  await store.knex.raw('create view inbox as select * from inbox_rows where sleep(if(id = 1, 2, 0)) = 0');
  return () => store.knex('inbox_rows');
}

/** Resolves when `count` statements have reached row 1. */
async function slowStatements(count: number): Promise<void> {
  let seen = 0;
  let before = '';
  await waitUntil(`${count} statements have reached row 1`, async () => {
    const [rows] = await store.knex.raw(
      "select id, query_id from information_schema.processlist where state = 'User sleep'",
    );
    const now = JSON.stringify(rows.map((row: { query_id: unknown }) => String(row.query_id)));
    if (now !== '[]' && now !== before) seen += 1;
    before = now;
    return seen >= count;
  });
}

const chatsOf = (rows: { chat_key: string }[]) => rows.map((row) => row.chat_key);

test('leases at most one of the rows that appear during the search', async () => {
  const rows = await makeSlow();
  await rows().insert(inboxRow({ chat_key: 'slow' }));
  const leasing = inbox.lease(10);
  await slowStatements(1);
  await rows().insert([inboxRow({ chat_key: 'x' }), inboxRow({ chat_key: 'x' })]);
  const later = inbox.lease(10);
  const leased = [...chatsOf(await leasing), ...chatsOf(await later)];
  expect(leased.filter((chat) => chat === 'x').length).toBeLessThanOrEqual(1);
});

test('does not lease a row if an earlier one appears while it is locked', async () => {
  const rows = await makeSlow();
  await rows().insert([inboxRow({ chat_key: 'slow' }), inboxRow({ chat_key: 'y' })]);
  const late = await store.knex.transaction();
  await rows()
    .insert(inboxRow({ chat_key: 'x' }))
    .transacting(late);
  await rows().insert(inboxRow({ chat_key: 'x' }));
  const leasing = inbox.lease(10);
  // The second statement locks. It starts before the earlier row is committed, and reaches the later row afterwards.
  await slowStatements(2);
  await late.commit();
  expect(chatsOf(await leasing)).toEqual(['slow', 'y']);
  // The lock is released, so the next lease returns the earlier row.
  await expect(inbox.lease(10)).resolves.toMatchObject([{ id: 3, chat_key: 'x' }]);
});
