// Tests the direct, read-only connection to SQLite and the queues.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import Database from 'libsql';
import { migrate } from '../../../../bot/store/migrate.ts';
import { openStore } from '../../../../bot/store/open-store.ts';
import { createDbPort } from '../../../../ops/diagnose/ports/db-port.ts';
import { FILLED, fillQueues } from './queue-rows.ts';

const db = createDbPort();
const { signal } = new AbortController();
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-db-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('reads the queues while the bot has the file open', async () => {
  const url = `sqlite:${dir}/bot.db`;
  const store = openStore(url);
  await migrate(store);
  await fillQueues(store);
  await expect(db.check(url, signal)).resolves.toBeUndefined();
  expect(await db.queues(url, signal)).toEqual(FILLED);
  await store.close();
});

// With this mode SQLite keeps the lock that it otherwise has only while it recovers or removes the log.
function lockFile(): Database.Database {
  const bot = new Database(`${dir}/bot.db`);
  bot.exec('pragma journal_mode = wal; pragma locking_mode = exclusive; create table t (a)');
  return bot;
}

test('waits for a bot that locks the file while it starts or stops', async () => {
  const bot = lockFile();
  let ended = false;
  const answer = db.check(`sqlite:${dir}/bot.db`, signal).finally(() => {
    ended = true;
  });
  await sleep(100);
  expect(ended).toBe(false);
  bot.close();
  await expect(answer).resolves.toBeUndefined();
});

test('stops waiting for a locked file when the check ends', async () => {
  const bot = lockFile();
  const ended = new AbortController();
  const answer = db.check(`sqlite:${dir}/bot.db`, ended.signal);
  ended.abort();
  await expect(answer).rejects.toBe(ended.signal.reason);
  bot.close();
});

test('rejects a file that stays locked', async () => {
  const bot = lockFile();
  await expect(db.check(`sqlite:${dir}/bot.db`, signal)).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  bot.close();
});

test('rejects a file that is not a database', async () => {
  await writeFile(join(dir, 'bot.db'), 'x'.repeat(5000));
  await expect(db.check(`sqlite:${dir}/bot.db`, signal)).rejects.toThrow(/not a database/);
});

test('does not create a missing file', async () => {
  await expect(db.check(`sqlite:${dir}/bot.db`, signal)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(dir)).toEqual([]);
});

test('leaves no new file next to the database of a bot that is down', async () => {
  const store = openStore(`sqlite:${dir}/a bot.db`);
  await migrate(store);
  await store.close();
  const before = await readdir(dir);
  expect((await db.queues(`sqlite:${dir}/a bot.db`, signal)).inbox).toEqual({ depth: 0, dead: 0, oldestAt: null });
  // SQLite removes the write-ahead log with the last connection: https://www.sqlite.org/tempfiles.html (read 2026-11).
  // The bot's connection may last until its last statement is garbage-collected, which may happen only now.
  expect((await readdir(dir)).filter((name) => !before.includes(name))).toEqual([]);
});
