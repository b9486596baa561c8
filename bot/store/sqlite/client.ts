// Knex client for SQLite by `libsql`: prebuilt binaries, and the API of better-sqlite3, whose dialect it extends.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import Database from 'libsql';
import { redactValues } from '../redact-error.ts';
import { isRowError } from '../row-errors.ts';
import { LOG_PAGES } from './checkpoints.ts';
import { explainFileError, readOnlyAddress } from './file.ts';
import { cacheStatements, type SqliteConnection } from './statements.ts';
import { BUSY_TIMEOUT_MS, beginImmediate, inWriteTransaction, retryWhileBusy, rollBack } from './transaction.ts';

/** Query that knex passes to a client and gets back. */
interface SqliteQuery {
  sql: string;
  response?: unknown;
}

interface SqliteClientBase extends Knex.Client {
  _query(connection: SqliteConnection, query: SqliteQuery): Promise<SqliteQuery>;
}

const require = createRequire(import.meta.url);
// Knex publishes its dialects as CommonJS files without types.
const BetterSqlite3Client = require('knex/lib/dialects/better-sqlite3/index.js') as new (
  config: Knex.Config,
) => SqliteClientBase;

export interface SqliteSettings {
  filename: string;
  readOnly: boolean;
}

export class LibsqlClient extends BetterSqlite3Client {
  /** Called by knex instead of `require('better-sqlite3')`. */
  _driver(): unknown {
    return Database;
  }

  override async acquireRawConnection(): Promise<SqliteConnection> {
    const settings = settingsOf(this);
    try {
      return await retryWhileBusy(() => open(settings));
    } catch (error) {
      throw explainFileError(error, settings.filename);
    }
  }

  /** Resolves with false for a connection in doubt or in a transaction. Called by the pool before each reuse. */
  override async validateConnection(connection: SqliteConnection): Promise<boolean> {
    return connection.inDoubt !== true && !connection.inTransaction;
  }

  override async destroyRawConnection(connection: SqliteConnection): Promise<void> {
    // libsql closes the file only when the last statement is garbage-collected. Until then a transaction has its lock.
    rollBack(connection);
    connection.forgetStatements();
    connection.close();
  }

  /** Runs a query. A single statement that writes gets its own write transaction. */
  override _query(connection: SqliteConnection, query: SqliteQuery): Promise<SqliteQuery> {
    return guardConnection(connection, settingsOf(this).filename, async () => {
      const control = CONTROL.exec(query.sql)?.[0].toUpperCase();
      if (control === undefined) {
        const run = () => super._query(connection, query);
        const isAlone = !connection.inTransaction && !settingsOf(this).readOnly;
        return isAlone && WRITES.test(query.sql) ? inWriteTransaction(connection, run) : run();
      }
      if (control === 'BEGIN') await beginImmediate(connection);
      else if (control === 'ROLLBACK') rollBack(connection);
      else connection.exec(control);
      return Object.assign(query, { response: [] });
    });
  }

  /** Runs `work` in a write transaction, directly on the driver. */
  async write<T>(work: (connection: SqliteConnection) => T): Promise<T> {
    const connection: SqliteConnection = await this.acquireConnection();
    try {
      return await guardConnection(connection, settingsOf(this).filename, () =>
        inWriteTransaction(connection, () => work(connection)),
      );
    } finally {
      await this.releaseConnection(connection);
    }
  }
}

/** Runs `work`. If it fails for another reason than the values of a row, the connection is not reused. */
async function guardConnection<T>(connection: SqliteConnection, filename: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRowError(error)) connection.inDoubt = true;
    connection.forgetStatements();
    throw explainFileError(redactValues(error), filename);
  }
}

/** Returns the settings in `config`, because knex creates the client of a transaction from the prototype alone. */
function settingsOf({ config }: Knex.Client): SqliteSettings {
  return config.connection as unknown as SqliteSettings; // as `openSqlite` passes it
}

const CONTROL = /^(begin|commit|rollback)(?=;?$)/i;
/**
 * Statements that write, also after comments or common table expressions. Without `vacuum`, which fails in a
 * transaction.
 */
const WRITES =
  /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*(?:(?:insert|update|delete|replace|create|alter|drop|reindex|analyze)\b|with\b.*\b(?:insert|update|delete|replace)\b)/is;

/**
 * Settings of a writing connection. WAL lets other connections read while the bot writes. NORMAL is enough, because
 * `flush` syncs the commits that must survive a power cut. The page cache of 8 MB fits the indexes of a busy day. A log
 * that grew beyond 64 MB while a reader blocked its reuse shrinks to that size. See https://www.sqlite.org/pragma.html
 * (read 2026-11).
 */
const WRITER_PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
  PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = ${LOG_PAGES};
  PRAGMA journal_size_limit = ${64 * 1_048_576};`;

function open({ filename, readOnly }: SqliteSettings): SqliteConnection {
  const connection = cacheStatements(new Database(readOnly ? readOnlyAddress(filename) : filename));
  try {
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; ${readOnly ? '' : WRITER_PRAGMAS}`);
    connection.exec('select count(*) from sqlite_master'); // opening alone succeeds on a file that is not a database
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
