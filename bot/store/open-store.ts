// Opens the database named by DATABASE_URL: MariaDB by mysql2, SQLite by libsql.
import type { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import { readDatabaseUrl, sqliteFileOf } from '../config/database-url.ts';
import type { PoolFacts } from '../telemetry/metrics.ts';
import { createWritableCheck, readAny, type WritableCheck, writeMysql, writeSqlite } from './check-writable.ts';
import { createSqliteDurability, type Durability } from './durable.ts';
import { MysqlClient } from './mysql-client.ts';
import { LibsqlClient, type SqliteSettings } from './sqlite/client.ts';
import { behindLink, prepareFile, requireReadable } from './sqlite/file.ts';

export type Dialect = 'mysql' | 'sqlite';

export interface Store {
  knex: Knex;
  dialect: Dialect;
  /** Path of SQLite's file; undefined with MariaDB. */
  file: string | undefined;
  /** Resolves when everything committed before the call survives a power cut. */
  flush(): Promise<void>;
  /** Opens a connection. Rejects if the database cannot be reached, or its file cannot be used. */
  connect(): Promise<void>;
  /** Resolves with the reason if no write succeeds within the given milliseconds; a read-only store only reads. */
  checkWritable: WritableCheck;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds after which MariaDB's silence ends a connection, and the statement under way on it; never when left out. */
  silenceMs?: number;
  /** Rejects every write and leaves no trace; the database must exist. */
  readOnly?: boolean;
}

/**
 * Nothing is read or written yet but the folder and an empty file of SQLite; the first query connects.
 * @throws DatabaseFileError if the file of SQLite cannot be used
 */
export function openStore(url: string, { silenceMs = 0, readOnly = false }: StoreOptions = {}): Store {
  const named = sqliteFileOf(url);
  const file = named === undefined ? undefined : existingFile(named, readOnly);
  const db = file === undefined ? openMysql(url, { silenceMs, readOnly }) : openSqlite(file, readOnly);
  const durability = file === undefined ? mysqlDurability : createSqliteDurability(file);
  const write = file === undefined ? writeMysql : writeSqlite;
  return {
    knex: db,
    dialect: file === undefined ? 'mysql' : 'sqlite',
    file,
    async connect() {
      db.client.releaseConnection(await db.client.acquireConnection());
    },
    checkWritable: createWritableCheck(db, readOnly ? readAny : write),
    flush: durability.flush,
    async close() {
      await durability.close();
      await db.destroy();
    },
  };
}

/** MariaDB's commits are on the disk when they return (`innodb_flush_log_at_trx_commit = 1`, its default). */
const mysqlDurability: Durability = { flush: async () => {}, close: async () => {} };

/** Knex would print to stdout, past the log's format and redaction; what it prints it also throws. */
const silent = { warn: ignore, error: ignore, debug: ignore, deprecate: ignore };
function ignore(): void {}

/** @throws DatabaseFileError */
function existingFile(filename: string, readOnly: boolean): string {
  if (readOnly) requireReadable(filename);
  else prepareFile(filename);
  return behindLink(filename);
}

function openSqlite(filename: string, readOnly: boolean): Knex {
  return knex({
    log: silent,
    client: LibsqlClient as unknown as typeof Knex.Client, // knex types the client of no dialect of its own
    connection: { filename, readOnly } satisfies SqliteSettings as Knex.StaticConnectionConfig,
    useNullAsDefault: true,
    compileSqlOnError: false,
    pool: { min: 1, max: 1 },
  });
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

/** A server that rejects the writes of a connection; see https://mariadb.com/kb/en/set-transaction/ (read 2026-11). */
const READ_ONLY = `${SESSION}, SESSION tx_read_only = 1`;

/** Throws for an address that the check of the settings rejects. */
function openMysql(url: string, { silenceMs, readOnly }: Required<StoreOptions>): Knex {
  const address = readDatabaseUrl(url);
  if (address?.dialect !== 'mysql') throw new Error('DATABASE_URL is no address of a database.');
  const { host, port, user, password, database } = address;
  return knex({
    log: silent,
    client: MysqlClient as unknown as typeof Knex.Client, // knex types the client of no dialect of its own
    compileSqlOnError: false,
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
        connection.query(readOnly ? READ_ONLY : SESSION, (error) => done(error, connection));
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
