// Knex client for SQLite by `libsql`: prebuilt binaries, same API as better-sqlite3, whose dialect it extends.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import Database from 'libsql';
import { withoutValues } from '../redact-error.ts';
import { isRowError } from '../row-errors.ts';
import { LOG_PAGES } from './checkpoints.ts';
import { explainFileError, readOnlyAddress } from './file.ts';
import { keepStatements, type SqliteConnection } from './statements.ts';
import { BUSY_TIMEOUT_MS, BUSY_WAIT_MS, beginImmediate, inWriteTransaction, isBusy, rollBack } from './transaction.ts';

/** What knex hands to a client and gets back. */
interface Query {
  sql: string;
  response?: unknown;
}

interface SqliteClientBase extends Knex.Client {
  _query(connection: SqliteConnection, query: Query): Promise<Query>;
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
    const deadline = performance.now() + BUSY_WAIT_MS;
    for (;;) {
      try {
        return open(settings);
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw explainFileError(error, settings.filename);
      }
      await sleep(BUSY_TIMEOUT_MS);
    }
  }

  /** Called by the pool before a connection is used again. */
  override async validateConnection(connection: SqliteConnection): Promise<boolean> {
    return connection.inDoubt !== true && !connection.inTransaction;
  }

  override async destroyRawConnection(connection: SqliteConnection): Promise<void> {
    // libsql closes the file when the last statement is collected: an open transaction would hold its lock until then.
    rollBack(connection);
    connection.forgetStatements();
    connection.close();
  }

  /** Every write is in a transaction that began as one, also a single statement. */
  override _query(connection: SqliteConnection, query: Query): Promise<Query> {
    return guarded(connection, settingsOf(this).filename, async () => {
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

  /** Runs `work` in a write transaction, straight on the driver. */
  async write<T>(work: (connection: SqliteConnection) => T): Promise<T> {
    const connection: SqliteConnection = await this.acquireConnection();
    try {
      return await guarded(connection, settingsOf(this).filename, () =>
        inWriteTransaction(connection, () => work(connection)),
      );
    } finally {
      await this.releaseConnection(connection);
    }
  }
}

/** A connection that failed for any other reason than the values of a row is not used again. */
async function guarded<T>(connection: SqliteConnection, filename: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRowError(error)) connection.inDoubt = true;
    connection.forgetStatements();
    throw explainFileError(withoutValues(error), filename);
  }
}

/** The client of a transaction is made by knex from the prototype alone, so the settings lie in its `config`. */
function settingsOf({ config }: Knex.Client): SqliteSettings {
  return config.connection as unknown as SqliteSettings; // as `openSqlite` passes it
}

const CONTROL = /^(begin|commit|rollback)(?=;?$)/i;
/** Statements that write, also behind comments or common table expressions. `vacuum` permits no transaction. */
const WRITES =
  /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*(?:(?:insert|update|delete|replace|create|alter|drop|reindex|analyze)\b|with\b.*\b(?:insert|update|delete|replace)\b)/is;

/**
 * WAL lets others read while the bot writes; NORMAL because `flush` syncs what must survive a power cut. The page cache
 * is 8 MB: the indexes of a busy day fit. A log that grew beyond 64 MB while a reader blocked its reuse shrinks to that.
 * See https://www.sqlite.org/pragma.html (read 2026-11).
 */
const WRITER_PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
  PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = ${LOG_PAGES};
  PRAGMA journal_size_limit = ${64 * 1_048_576};`;

function open({ filename, readOnly }: SqliteSettings): SqliteConnection {
  const connection = keepStatements(new Database(readOnly ? readOnlyAddress(filename) : filename));
  try {
    connection.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; ${readOnly ? '' : WRITER_PRAGMAS}`);
    connection.exec('select count(*) from sqlite_master'); // reads the file: opening alone passes on one that is no database
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
