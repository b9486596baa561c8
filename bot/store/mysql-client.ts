// Knex client for MariaDB by `mysql2` that discards a connection whose transaction did not end.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { redactValues } from './redact-error.ts';

interface MysqlConnection {
  destroy(): void;
  /** True from BEGIN until COMMIT or ROLLBACK succeeded. */
  openTransaction?: boolean;
}

/** Query that knex passes to a client and gets back. */
interface MysqlQuery {
  sql: string;
}

interface MysqlClientBase extends Knex.Client {
  _query(connection: MysqlConnection, query: MysqlQuery): Promise<MysqlQuery>;
}

const require = createRequire(import.meta.url);
// Knex publishes its dialects as CommonJS files without types.
const Mysql2Client = require('knex/lib/dialects/mysql2/index.js') as new (config: Knex.Config) => MysqlClientBase;

export class MysqlClient extends Mysql2Client {
  override async _query(connection: MysqlConnection, query: MysqlQuery): Promise<MysqlQuery> {
    if (/^begin\b/i.test(query.sql)) connection.openTransaction = true;
    try {
      const result = await super._query(connection, query);
      if (/^(commit|rollback);?$/i.test(query.sql)) connection.openTransaction = false;
      return result;
    } catch (error) {
      throw redactValues(error);
    }
  }

  /** Resolves with false for a connection with an open transaction. Called by the pool before each reuse. */
  override async validateConnection(connection: MysqlConnection): Promise<boolean> {
    return connection.openTransaction !== true && (await super.validateConnection(connection));
  }

  /**
   * Closes the socket if a transaction is open, because a regular close would wait for the running statement. The
   * server rolls the transaction back when the connection is gone.
   */
  override async destroyRawConnection(connection: MysqlConnection): Promise<void> {
    if (connection.openTransaction) connection.destroy();
    else await super.destroyRawConnection(connection);
  }
}
