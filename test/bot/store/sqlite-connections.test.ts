// Two connections to one SQLite file: waiting for a lock of the other connection, and the state afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { createInbox } from '../../../bot/inbox/inbox.ts';
import { inBatches } from '../../../bot/store/in-batches.ts';
import { insertNew } from '../../../bot/store/insert-new.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { BUSY_WAIT_MS } from '../../../bot/store/sqlite/transaction.ts';
import { newTraceId } from '../../../bot/telemetry/ids.ts';
import { createTenants } from '../../../bot/tenants/tenants.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { inboxRow } from './rows.ts';

let dir: string;
let store: Store;
let other: Database.Database;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-sqlite-'));
  store = openStore(`sqlite:${dir}/bot.db`);
  await migrate(store);
  await createTenants(store, Date.now).ensureDefault();
  other = new Database(`${dir}/bot.db`);
});
afterEach(async () => {
  other.close();
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

const newRow = () => ({ ...inboxRow(), attempts: 0, trace_id: newTraceId() });
const inbox = () => createInbox({ store, owner: 'a', clock: Date.now });

/** Every kind of write of the bot and the commands. */
const WRITES: [string, () => PromiseLike<unknown>][] = [
  ['a statement', () => store.knex('tenant_config').update({ rate_limit: 7 })],
  ['a statement that returns rows', () => store.knex('tenant_config').update({ rate_limit: 7 }).returning('tenant_id')],
  ['an upsert', () => store.knex('session').insert(session).onConflict('session_key').merge()],
  ['a raw upsert', () => store.knex.raw(`/* as */ -- limits do\n ${UPSERT}`)],
  ['a common table expression', () => store.knex.raw(`with "x" as (select 1) ${UPSERT}`)],
  ['statistics', () => store.knex.raw('analyze')],
  ['a claim', () => insertNew(store, 'inbox', [newRow()])],
  ['a batch', () => inBatches({ knex: store.knex, table: 'inbox', where: (query) => query.where('state', 'pending') })],
  ['a lease', () => inbox().lease(1)],
  [
    'a transaction that reads first',
    () =>
      store.knex.transaction(async (trx) => {
        await trx('tenant_config').first();
        await trx('tenant_config').update({ rate_limit: 7 });
      }),
  ],
  ['a new table', () => store.knex.schema.createTable('more', (table) => table.integer('id'))],
];
const UPSERT = `insert into rate_window (rate_key, window_start, messages) values ('k', 0, 1)
  on conflict (rate_key) do update set messages = messages + 1 returning messages`;
const session = { session_key: 's', tenant_id: 'default', context: '[]', started_at: 0, last_active_at: 0 };

/** One write for each path to the driver. Each waits for its full time limit. */
const TIMED_OUT = ['a statement that returns rows', 'a claim', 'a transaction that reads first'];

/** Checks that writes reported by the store are committed, and that it holds no lock. */
async function expectConsistent(): Promise<void> {
  await expect(store.checkWritable(5_000)).resolves.toBeUndefined();
  const rows = [newRow(), newRow()];
  await expect(insertNew(store, 'inbox', rows)).resolves.toEqual(new Set(rows.map((row) => row.trace_id)));
  await store.knex('tenant_config').update({ rate_limit: 99 });
  const count = other.prepare('select count(*) as n from inbox where trace_id in (?, ?)');
  expect(count.get(rows.map((row) => row.trace_id))).toMatchObject({ n: 2 });
  expect(other.prepare('select rate_limit from tenant_config').get([])).toMatchObject({ rate_limit: 99 });
  other.exec('begin immediate; rollback');
}

describe.each(WRITES)('%s', (_name, write) => {
  test('waits for another writer without blocking the thread, and succeeds', async () => {
    await store.knex('inbox').insert(inboxRow());
    other.exec('begin immediate; update tenant_config set rate_limit = 5');
    let turns = 0;
    const turning = setInterval(() => turns++, 5);
    const written = Promise.resolve(write()); // a query of knex begins with `then`
    await waitUntil('the thread turns while the write waits', () => turns > 10);
    clearInterval(turning);
    other.exec('commit');
    await written;
    await expectConsistent();
  });
});

test('a write that never gets the lock fails, and leaves nothing behind', async () => {
  await store.knex('inbox').insert(inboxRow());
  for (const [, write] of WRITES.filter(([name]) => TIMED_OUT.includes(name))) {
    other.exec('begin immediate; update tenant_config set rate_limit = 5');
    const failing = expect(Promise.resolve(write())).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
    await failing;
    other.exec('commit');
    await expectConsistent();
  }
});

test('a statement that failed on a lock does not fail later ones', async () => {
  // libsql does not reset the statement, so COMMIT fails and the transaction stays open.
  const { client } = store.knex;
  const connection = await client.acquireConnection();
  other.exec('begin immediate');
  expect(() => connection.prepare('update tenant_config set rate_limit = 1').run([])).toThrow('locked');
  other.exec('commit');
  connection.exec('begin immediate');
  expect(() => connection.exec('commit')).toThrow('SQL statements in progress');
  client.releaseConnection(connection);
  await expectConsistent();
});

test('a failed commit leaves no open transaction', async () => {
  const deferred = store.knex.transaction(async (trx) => {
    await trx.raw('pragma defer_foreign_keys = on');
    await trx('tenant_channel').insert({
      platform: 'feishu',
      app_id: 'a',
      external_id: 'e',
      tenant_id: 'no-such-tenant',
    });
  });
  await expect(deferred).rejects.toThrow('FOREIGN KEY constraint failed');
  await expectConsistent();
});

test('a connection released inside a transaction is not reused', async () => {
  const { client } = store.knex;
  const connection = await client.acquireConnection();
  connection.exec('begin immediate');
  client.releaseConnection(connection);
  await expectConsistent();
});

test('the write check names a lock, and does not block the connection', async () => {
  other.exec('begin immediate');
  await expect(store.checkWritable(200)).resolves.toBe('no answer within 200 ms');
  await expect(store.checkWritable(2 * BUSY_WAIT_MS)).resolves.toMatch(/bot\.db is locked by another process/);
  other.exec('rollback');
  await expectConsistent();
});

test('a read-only store changes no file and rejects writes', async () => {
  const reader = openStore(`sqlite:${store.file}`, { readOnly: true });
  await expect(reader.knex('tenant_config').pluck('tenant_id')).resolves.toEqual(['default']);
  const named = reader.knex.raw("with name as (select replace('b', 'b', 'a') as name) select name from name");
  await expect(named).resolves.toEqual([{ name: 'a' }]);
  await expect(reader.knex('tenant_config').update({ rate_limit: 1 })).rejects.toMatchObject({
    code: 'SQLITE_READONLY',
  });
  await expect(reader.checkWritable(1_000)).resolves.toBeUndefined();
  await reader.close();
  await expectConsistent();
});
