// Statement cache of an SQLite connection: reuse, maximum size, and clearing after an error.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import type { SqliteConnection } from '../../../bot/store/sqlite/statements.ts';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-statements-'));
  store = openStore(`sqlite:${dir}/bot.db`);
  await store.knex.schema.createTable('thing', (table) => {
    table.integer('id').primary();
    table.string('name');
  });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function withConnection<T>(work: (connection: SqliteConnection) => T): Promise<T> {
  const { client } = store.knex;
  const connection: SqliteConnection = await client.acquireConnection();
  try {
    return work(connection);
  } finally {
    client.releaseConnection(connection);
  }
}

test('prepares a text once, and caches two hundred texts', async () => {
  await withConnection((connection) => {
    const text = (i: number) => `select ${i}`;
    const first = connection.prepare(text(0));
    for (let i = 1; i < 200; i++) connection.prepare(text(i));
    expect(connection.prepare(text(0))).toBe(first);
    connection.prepare(text(200));
    connection.prepare(text(201));
    expect(connection.prepare(text(0))).toBe(first);
  });
});

test('removes the least recently used statement first', async () => {
  await withConnection((connection) => {
    const first = connection.prepare('select 0');
    for (let i = 1; i <= 200; i++) connection.prepare(`select ${i}`);
    expect(connection.prepare('select 0')).not.toBe(first);
  });
});

test('writes the next rows after an error of a row', async () => {
  const insert = (id: number) => store.knex('thing').insert({ id, name: 'a' });
  await insert(1);
  await expect(insert(1)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
  await insert(2);
  expect(await store.knex('thing').pluck('id')).toEqual([1, 2]);
});

test('reads all current rows, and a column that another process added', async () => {
  const all = () => store.knex('thing').select('*').orderBy('id');
  expect(await all()).toEqual([]);
  await store.knex('thing').insert(Array.from({ length: 100 }, (_, id) => ({ id, name: `${id}` })));
  expect(await all()).toHaveLength(100);
  const other = new Database(`${dir}/bot.db`);
  other.exec('alter table thing add column colour text default "red"; delete from thing where id > 0');
  other.close();
  expect(await all()).toEqual([{ id: 0, name: '0', colour: 'red' }]);
});

test('holds no lock after a statement returned its rows', async () => {
  await store.knex('thing').insert(Array.from({ length: 300 }, (_, id) => ({ id, name: `${id}` })));
  for (const limit of [1, 100, 200, 300]) await store.knex('thing').limit(limit);
  const other = new Database(`${dir}/bot.db`);
  // TRUNCATE waits for every reader of the log, see https://www.sqlite.org/pragma.html (read 2026-11).
  expect(other.prepare('pragma wal_checkpoint(truncate)').all([])).toMatchObject([{ busy: 0, log: 0 }]);
  other.close();
});
