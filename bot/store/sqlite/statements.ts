// A connection of libsql that keeps its prepared statements: preparing one takes as long as running it.
import type Database from 'libsql';

/** A connection of libsql, as far as it is used here. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  /** Returns the statement kept for the same text, if there is one. */
  prepare(sql: string): SqliteStatement;
  /** Drops the kept statements, such as after an error that may have left one unfinished. */
  forgetStatements(): void;
  exec(sql: string): void;
  close(): void;
  /** True after an error that may have left something behind: the connection is closed, not used again. */
  inDoubt?: boolean;
}

export interface SqliteStatement {
  run(values: readonly unknown[]): { changes: number };
}

/** Lists of values make many texts of one query, so the statement used longest ago goes first. */
const STATEMENTS_KEPT = 200;

export function keepStatements(database: Database.Database): SqliteConnection {
  const prepare = database.prepare.bind(database) as unknown as SqliteConnection['prepare'];
  const kept = new Map<string, SqliteStatement>();
  return Object.assign(database as unknown as SqliteConnection, {
    prepare(sql: string): SqliteStatement {
      const statement = kept.get(sql) ?? prepare(sql);
      kept.delete(sql);
      kept.set(sql, statement);
      const [oldest] = kept.size > STATEMENTS_KEPT ? kept.keys() : [];
      if (oldest !== undefined) kept.delete(oldest);
      return statement;
    },
    forgetStatements: () => kept.clear(),
  });
}
