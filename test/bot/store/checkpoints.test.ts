// Checkpoints copy the pages of SQLite's log to the database file, for every writer and over time.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createSqliteDurability } from '../../../bot/store/durable.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import type { LibsqlClient } from '../../../bot/store/sqlite/client.ts';
import { waitUntil } from '../../support/wait-until.ts';

const PAGE_BYTES = 4096;
let dir: string;
let store: Store;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-checkpoints-'));
  store = openStore(`sqlite:${dir}/bot.db`);
  await store.knex.schema.createTable('pages', (table) => table.binary('content'));
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

const bytesOf = async (end = '') => (await stat(join(dir, `bot.db${end}`))).size;

/** Commits one transaction that changes more than `pages` pages. */
async function write(pages: number): Promise<void> {
  await (store.knex.client as LibsqlClient).write((connection) => {
    const insert = connection.prepare('insert into pages values (zeroblob(?))');
    for (let i = 0; i < pages; i += 1) insert.run([PAGE_BYTES]);
  });
}

test('commits leave all pages in the log', async () => {
  const before = await bytesOf();
  for (let i = 0; i < 3; i += 1) await write(1_000);
  expect(await bytesOf()).toBe(before);
});

test('after the first flush, pages reach the database file within seconds, flushed or not', async () => {
  await write(1_000);
  await store.flush();
  await waitUntil('the pages are in the database file', async () => (await bytesOf()) > 1_000 * PAGE_BYTES);
  await write(2_000);
  await waitUntil('later pages are in the database file', async () => (await bytesOf()) > 3_000 * PAGE_BYTES);
});

/**
 * Writes without a pause until the log is far smaller than the written pages. This happens soon if the log starts over,
 * and never if it only grows. Other programs may delay the checkpoints, so no size is expected at a certain time.
 */
async function writeUntilBounded(afterEach: () => Promise<void>): Promise<void> {
  for (let commits = 1; commits <= 200; commits += 1) {
    await write(1_000);
    await afterEach();
    const written = commits * 1_000 * PAGE_BYTES;
    if (commits >= 20 && (await bytesOf('-wal')) < written / 3) return;
  }
  throw new Error(`The log has ${await bytesOf('-wal')} bytes after 200 commits of ${1_000 * PAGE_BYTES}.`);
}

test('the log of a writer that never pauses has a bounded size', async () => {
  await writeUntilBounded(() => store.flush());
});

test('the log of a writer that never flushes has a bounded size', async () => {
  await writeUntilBounded(async () => {});
  expect(await bytesOf()).toBeGreaterThan(10_000 * PAGE_BYTES);
});

test('a failed checkpoint does not affect flushes, and later checkpoints succeed', async () => {
  const file = join(dir, 'late.db');
  await mkdir(file);
  await writeFile(`${file}-wal`, '');
  const durability = createSqliteDurability(file);
  await expect(durability.flush()).resolves.toBeUndefined();
  await sleep(1_200);
  await store.close();
  for (const path of [file, `${file}-wal`]) await rm(path, { recursive: true });
  store = openStore(`sqlite:${file}`);
  await store.knex.schema.createTable('pages', (table) => table.binary('content'));
  await write(1_000);
  await waitUntil('the pages are in the file', async () => (await stat(file)).size > 1_000 * PAGE_BYTES);
  await expect(durability.close()).resolves.toBeUndefined();
});
