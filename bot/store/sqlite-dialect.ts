// Knex client for SQLite by `libsql`: prebuilt binaries, same API as better-sqlite3, whose dialect it extends.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';

const require = createRequire(import.meta.url);
// Knex publishes its dialects as CommonJS files without types.
const BetterSqlite3Client = require('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client;

export class LibsqlClient extends BetterSqlite3Client {
  /** Called by knex instead of `require('better-sqlite3')`. */
  _driver(): unknown {
    return require('libsql');
  }
}
