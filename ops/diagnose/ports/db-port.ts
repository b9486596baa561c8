// Reads the bot's database over one direct, read-only connection.

import { readDatabaseUrl, sqliteFileOf } from '../../../bot/config/database-url.ts';
import { readOnlyAddress, requireReadable } from '../../../bot/store/sqlite/file.ts';
import { retryWhileBusy } from '../../../bot/store/sqlite/transaction.ts';
import type { DbPort, QueueRows } from './ports.ts';

const CONNECT_TIMEOUT_MS = 2500;
const SQLITE_WAIT_MS = 2500;
/** Selects the rows that wait or are in work. */
const INBOX = `select count(*) as depth, min(received_at) as oldest from inbox where state in ('pending', 'working')`;
const INBOX_DEAD = `select count(*) as n from inbox where state = 'dead'`;
const OUTBOX = 'select state, count(*) as n, min(created_at) as oldest from outbox group by state';
const GIVEN_UP = `select platform, last_code as code, count(*) as n from outbox where state in ('dead', 'unknown')
  group by platform, last_code order by n desc, platform, last_code`;
/** Reads a page of the file, because `select 1` also succeeds on a file that is not a database. */
const SQLITE_PROBE = 'select count(*) as n from sqlite_master';

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/** Creates the port. It opens a new connection for each call. */
export function createDbPort(): DbPort {
  return {
    async check(databaseUrl, signal) {
      const probe = sqliteFileOf(databaseUrl) === undefined ? 'select 1' : SQLITE_PROBE;
      await withConnection(databaseUrl, signal, (query) => query(probe));
    },
    queues: (databaseUrl, signal) => withConnection(databaseUrl, signal, readQueues),
  };
}

async function withConnection<T>(url: string, signal: AbortSignal, use: (query: Query) => Promise<T>): Promise<T> {
  const file = sqliteFileOf(url);
  return file === undefined ? await withMysql(url, signal, use) : await withSqlite(file, signal, use);
}

async function withSqlite<T>(path: string, signal: AbortSignal, use: (query: Query) => Promise<T>): Promise<T> {
  // The error of the driver has no code and does not distinguish a missing file from one without read permission.
  requireReadable(path);
  const { default: Database } = await import('libsql');
  // SQLite locks the file for a moment while a bot starts or stops: https://www.sqlite.org/wal.html (read 2026-11).
  return await retryWhileBusy(async () => {
    signal.throwIfAborted();
    const db = new Database(readOnlyAddress(path));
    try {
      // The driver types rows as unknown. These are rows of the statements above.
      return await use(async (sql) => db.prepare(sql).all() as Record<string, unknown>[]);
    } finally {
      db.close();
    }
  }, SQLITE_WAIT_MS);
}

async function withMysql<T>(url: string, signal: AbortSignal, use: (query: Query) => Promise<T>): Promise<T> {
  const address = readDatabaseUrl(url);
  if (address?.dialect !== 'mysql') throw new Error('DATABASE_URL is not the URL of a database.');
  const { dialect: _dialect, ...server } = address;
  // The driver needs 0.1 s of CPU time to load, and most bots use SQLite, so load it only here.
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ ...server, connectTimeout: CONNECT_TIMEOUT_MS });
  const giveUp = () => connection.destroy();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    // A select returns rows. The type of the driver also covers statements without rows.
    return await use(async (sql) => (await connection.query(sql))[0] as Record<string, unknown>[]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    connection.destroy();
  }
}

async function readQueues(query: Query): Promise<QueueRows> {
  const [inbox] = await query(INBOX);
  const [dead] = await query(INBOX_DEAD);
  const states = await query(OUTBOX);
  const givenUp = await query(GIVEN_UP);
  const count = (state: string) => Number(states.find((row) => row.state === state)?.n ?? 0);
  const waiting = states.filter((row) => row.state === 'pending' || row.state === 'sending');
  const oldest = waiting.map((row) => Number(row.oldest));
  return {
    inbox: {
      depth: Number(inbox?.depth ?? 0),
      dead: Number(dead?.n ?? 0),
      oldestAt: inbox?.oldest == null ? null : Number(inbox.oldest),
    },
    outbox: {
      pending: count('pending') + count('sending'),
      unknown: count('unknown'),
      dead: count('dead'),
      oldestAt: oldest.length === 0 ? null : Math.min(...oldest),
    },
    givenUp: givenUp.map(({ platform, code, n }) => ({
      platform: String(platform),
      code: code === null ? null : String(code),
      count: Number(n),
    })),
  };
}
