// Caches the prepared statements of a libsql connection, because preparing a statement costs as much as running it.
import type Database from 'libsql';

/** Connection of libsql: the members in use, and ours. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  /** Returns the cached statement of the same text, or prepares it. */
  prepare(sql: string): SqliteStatement;
  /** Clears the cache, for example after an error that may have left a statement unfinished. */
  forgetStatements(): void;
  exec(sql: string): void;
  close(): void;
  /** True after an error that may have left a lock or a transaction. The connection is closed instead of reused. */
  inDoubt?: boolean;
}

export interface SqliteStatement {
  run(values: readonly unknown[]): { changes: number };
}

/**
 * Maximum number of cached statements. The least recently used statement is removed first, because lists of values
 * produce many texts of one query.
 */
const MAX_STATEMENTS = 200;

/** Adds a cache of prepared statements to a connection. */
export function cacheStatements(database: Database.Database): SqliteConnection {
  const prepare = database.prepare.bind(database) as unknown as SqliteConnection['prepare'];
  const cached = new Map<string, SqliteStatement>();
  return Object.assign(database as unknown as SqliteConnection, {
    prepare(sql: string): SqliteStatement {
      const statement = cached.get(sql) ?? prepare(sql);
      cached.delete(sql);
      cached.set(sql, statement);
      const [oldest] = cached.size > MAX_STATEMENTS ? cached.keys() : [];
      if (oldest !== undefined) cached.delete(oldest);
      return statement;
    },
    forgetStatements: () => cached.clear(),
  });
}
