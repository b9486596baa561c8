// Opens the database of DATABASE_URL: MariaDB by mysql2, SQLite by libsql.
import type { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import { readDatabaseUrl, sqliteFileOf } from '../config/database-url.ts';
import type { PoolFacts } from '../telemetry/metrics.ts';
import { createWritableCheck, readAny, type WritableCheck, writeMysql, writeSqlite } from './check-writable.ts';
import { createSqliteDurability, type Durability } from './durable.ts';
import { MysqlClient } from './mysql-client.ts';
import { LibsqlClient, type SqliteSettings } from './sqlite/client.ts';
import { prepareFile, requireReadable, resolveLink } from './sqlite/file.ts';

export type Dialect = 'mysql' | 'sqlite';

export interface Store {
  knex: Knex;
  dialect: Dialect;
  /** Path of the SQLite file; undefined with MariaDB. */
  file: string | undefined;
  /** Resolves when every commit before the call survives a power cut. */
  flush(): Promise<void>;
  /** Opens a connection. Rejects if the database cannot be reached, or its file cannot be used. */
  connect(): Promise<void>;
  /** Resolves with the reason if no write succeeds within the given milliseconds. A read-only store reads instead. */
  checkWritable: WritableCheck;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds without data from MariaDB after which a connection and its statement are ended. Default: no limit. */
  silenceMs?: number;
  /** If true, rejects every write and changes no file. The database must exist. */
  readOnly?: boolean;
}

/**
 * Opens a store. Creates only the folder and an empty file of SQLite; the first query connects.
 * @throws DatabaseFileError if the SQLite file cannot be used
 * @throws Error if `url` is not a database address
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

/**
 * Does nothing, because MariaDB syncs each commit before it returns (`innodb_flush_log_at_trx_commit = 1`, its
 * default).
 */
const mysqlDurability: Durability = { flush: async () => {}, close: async () => {} };

/** Discards knex's own log lines, which would bypass the log's format and redaction. Knex also throws these errors. */
const silentLog = { warn: ignore, error: ignore, debug: ignore, deprecate: ignore };
function ignore(): void {}

/**
 * Prepares or checks the file, and returns its path behind a symbolic link.
 * @throws DatabaseFileError
 */
function existingFile(filename: string, readOnly: boolean): string {
  if (readOnly) requireReadable(filename);
  else prepareFile(filename);
  return resolveLink(filename);
}

function openSqlite(filename: string, readOnly: boolean): Knex {
  return knex({
    log: silentLog,
    client: LibsqlClient as unknown as typeof Knex.Client, // knex has no type for a custom client
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
 * Settings of each session. Gap locks of REPEATABLE READ would make leases and claims wait for each other, see
 * https://mariadb.com/kb/en/innodb-lock-modes/ (read 2026-11). UTC makes TIMESTAMP columns independent of the server's
 * time zone, as on SQLite.
 */
const SESSION = "SET SESSION tx_isolation = 'READ-COMMITTED', SESSION time_zone = '+00:00'";

/** Ends a silent connection. Without this limit, a statement waits about 15 minutes if the server vanishes. */
function limitSilence({ stream }: MysqlConnection, silenceMs: number): void {
  stream.setTimeout(silenceMs, () => stream.destroy(new Error(`MariaDB did not answer within ${silenceMs} ms`)));
}

/** Makes the server reject writes of a session, see https://mariadb.com/kb/en/set-transaction/ (read 2026-11). */
const READ_ONLY = `${SESSION}, SESSION tx_read_only = 1`;

/** @throws Error for an address that the check of the settings rejects */
function openMysql(url: string, { silenceMs, readOnly }: Required<StoreOptions>): Knex {
  const address = readDatabaseUrl(url);
  if (address?.dialect !== 'mysql') throw new Error('DATABASE_URL is not a database address. Correct it.');
  const { host, port, user, password, database } = address;
  return knex({
    log: silentLog,
    client: MysqlClient as unknown as typeof Knex.Client, // knex has no type for a custom client
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

/** Returns the number of used and free connections, of waiting requests, and the maximum of the pool. */
export function poolFacts({ knex: { client } }: Store): PoolFacts {
  const { pool } = client as { pool: KnexPool }; // knex does not type its client
  return {
    used: pool.numUsed(),
    free: pool.numFree(),
    waiting: pool.numPendingAcquires(),
    max: pool.max,
  };
}

interface KnexPool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
  max: number;
}
