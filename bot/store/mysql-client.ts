// Knex client for MariaDB by `mysql2` that never uses a connection again whose transaction did not end.
import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { withoutValues } from './redact-error.ts';

interface MysqlConnection {
  destroy(): void;
  /** True from BEGIN until COMMIT or ROLLBACK succeeded. */
  openTransaction?: boolean;
}

/** What knex hands to a client and gets back. */
interface Query {
  sql: string;
}

interface MysqlClientBase extends Knex.Client {
  _query(connection: MysqlConnection, query: Query): Promise<Query>;
}

const require = createRequire(import.meta.url);
// Knex publishes its dialects as CommonJS files without types.
const Mysql2Client = require('knex/lib/dialects/mysql2/index.js') as new (config: Knex.Config) => MysqlClientBase;

export class MysqlClient extends Mysql2Client {
  override async _query(connection: MysqlConnection, query: Query): Promise<Query> {
    if (/^begin\b/i.test(query.sql)) connection.openTransaction = true;
    try {
      const result = await super._query(connection, query);
      if (/^(commit|rollback);?$/i.test(query.sql)) connection.openTransaction = false;
      return result;
    } catch (error) {
      throw withoutValues(error);
    }
  }

  /** Called by the pool before a connection is used again. */
  override async validateConnection(connection: MysqlConnection): Promise<boolean> {
    return connection.openTransaction !== true && (await super.validateConnection(connection));
  }

  /** A server ends the transaction of a connection that is gone; the polite way would wait for the statement under way. */
  override async destroyRawConnection(connection: MysqlConnection): Promise<void> {
    if (connection.openTransaction) connection.destroy();
    else await super.destroyRawConnection(connection);
  }
}
