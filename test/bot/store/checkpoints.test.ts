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

const ROUND_PAGES = 1_000;
/** Rounds after which a log that has not started over is unbounded, not only delayed by other programs. */
const MAX_ROUNDS = 300;

/**
 * Writes without a pause for `least` rounds, and then until the log is smaller than `share` of the written pages. Further
 * rounds give delayed checkpoints time. A log that only grows never becomes smaller than the written pages.
 */
async function writeUntilBounded(least: number, share: number, afterRound = async (): Promise<void> => {}) {
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    await write(ROUND_PAGES);
    await afterRound();
    if (round >= least && (await bytesOf('-wal')) < round * ROUND_PAGES * PAGE_BYTES * share) return;
  }
  throw new Error(`The log has ${await bytesOf('-wal')} bytes after ${MAX_ROUNDS} rounds of ${ROUND_PAGES} pages.`);
}

test('the log of a writer that never pauses has a bounded size', async () => {
  await writeUntilBounded(60, 1 / 6, () => store.flush());
});

test('the log of a writer that never flushes has a bounded size', async () => {
  await writeUntilBounded(30, 1 / 5);
  expect(await bytesOf()).toBeGreaterThan(15_000 * PAGE_BYTES);
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
