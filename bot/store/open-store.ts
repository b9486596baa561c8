// Opens the database named by DATABASE_URL: MariaDB by mysql2, SQLite by libsql.
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import knex, { type Knex } from 'knex';
import { readDatabaseUrl } from '../config/database-url.ts';
import type { PoolFacts } from '../telemetry/metrics.ts';
import { createSqliteDurability, type Durability } from './durable.ts';
import { LibsqlClient } from './sqlite-dialect.ts';

export type Dialect = 'mysql' | 'sqlite';

export interface Store {
  knex: Knex;
  dialect: Dialect;
  url: string;
  /** Resolves when everything committed before the call survives a power cut. */
  flush(): Promise<void>;
  /** True when a trivial query answers within `timeoutMs`. */
  ping(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds after which MariaDB's silence ends a connection, and the statement under way on it; never when left out. */
  silenceMs?: number;
}

/** Nothing is read or written yet; the first query connects. */
export function openStore(url: string, { silenceMs = 0 }: StoreOptions = {}): Store {
  const dialect = dialectOf(url);
  const db = dialect === 'sqlite' ? openSqlite(sqliteFile(url)) : openMysql(url, silenceMs);
  const durability = dialect === 'sqlite' ? createSqliteDurability(sqliteFile(url)) : mysqlDurability;
  return {
    knex: db,
    dialect,
    url,
    ping: (timeoutMs) =>
      db
        .raw('select 1')
        .timeout(timeoutMs)
        .then(
          () => true,
          () => false,
        ),
    flush: durability.flush,
    async close() {
      await durability.close();
      await db.destroy();
    },
  };
}

/** Which of the two databases `DATABASE_URL` names. */
export function dialectOf(url: string): Dialect {
  return url.startsWith('sqlite:') ? 'sqlite' : 'mysql';
}

/** The file named by `sqlite:<path>`. */
export function sqliteFile(url: string): string {
  return url.slice('sqlite:'.length);
}

/** MariaDB's commits are on the disk when they return (`innodb_flush_log_at_trx_commit = 1`, its default). */
const mysqlDurability: Durability = { flush: async () => {}, close: async () => {} };

/** Knex would print to stdout, past the log's format and redaction; what it prints it also throws. */
const silent = { warn: ignore, error: ignore, debug: ignore, deprecate: ignore };
function ignore(): void {}

function openSqlite(filename: string): Knex {
  mkdirSync(dirname(filename), { recursive: true });
  // What people wrote is nobody else's to read; SQLite gives its other files the mode of this one. Only a new file is
  // touched: closing a file ends the locks that this process holds on it, also those of SQLite.
  if (!existsSync(filename)) closeSync(openSync(filename, 'a', 0o600));
  return knex({
    log: silent,
    client: LibsqlClient,
    connection: { filename },
    useNullAsDefault: true,
    pool: { min: 1, max: 1, afterCreate: setPragmas },
  });
}

interface SqliteConnection {
  exec(sql: string): void;
}

/** WAL lets the operations command line read while the bot writes; NORMAL because `flush` syncs what must survive a power cut. */
function setPragmas(connection: SqliteConnection, done: (error: Error | null, connection: unknown) => void): void {
  connection.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;',
  );
  done(null, connection);
}

interface MysqlConnection {
  stream: Socket;
  query(sql: string, done: (error: Error | null) => void): void;
}

/**
 * Gap locks of REPEATABLE READ would make leasing workers and claiming callbacks wait for each other. Times of the
 * TIMESTAMP columns are read and compared as UTC, wherever the server stands, as on SQLite.
 */
const SESSION = "SET SESSION tx_isolation = 'READ-COMMITTED', SESSION time_zone = '+00:00'";

/** Without it, a statement waits for some 15 minutes when the other side is gone without a word. */
function limitSilence({ stream }: MysqlConnection, silenceMs: number): void {
  stream.setTimeout(silenceMs, () => stream.destroy(new Error(`MariaDB did not answer within ${silenceMs} ms`)));
}

/** Throws for an address that the check of the settings rejects. */
function openMysql(url: string, silenceMs: number): Knex {
  const address = readDatabaseUrl(url);
  if (address?.dialect !== 'mysql') throw new Error('DATABASE_URL is no address of a database.');
  const { host, port, user, password, database } = address;
  return knex({
    log: silent,
    client: 'mysql2',
    connection: {
      host,
      port,
      user,
      password,
      database,
      charset: 'utf8mb4',
      timezone: 'Z',
      connectTimeout: 5_000,
    },
    acquireConnectionTimeout: 10_000,
    pool: {
      min: 0,
      max: 10,
      afterCreate(connection: MysqlConnection, done: (error: Error | null, connection: unknown) => void) {
        limitSilence(connection, silenceMs);
        connection.query(SESSION, (error) => done(error, connection));
      },
    },
  });
}

/** How the connections of the pool are used right now. */
export function poolFacts({ knex: { client } }: Store): PoolFacts {
  const { pool } = client as { pool: Pool }; // knex does not type its client
  return {
    used: pool.numUsed(),
    free: pool.numFree(),
    waiting: pool.numPendingAcquires(),
    max: pool.max,
  };
}

interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  max: number;
}

/** True when `error` says that a unique key exists already, on either dialect. */
export function isDuplicateKey(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === 'ER_DUP_ENTRY' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** True when the database refused what a row holds, rather than failing itself: the same write without that row works. */
export function isRowError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (rowErrors.has(code) || code.startsWith('SQLITE_CONSTRAINT'));
}

const rowErrors = new Set([
  ...['ER_DUP_ENTRY', 'ER_DATA_TOO_LONG', 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD', 'ER_WARN_DATA_OUT_OF_RANGE'],
  ...['ER_BAD_NULL_ERROR', 'ER_NO_REFERENCED_ROW_2', 'SQLITE_TOOBIG', 'SQLITE_MISMATCH'],
]);
