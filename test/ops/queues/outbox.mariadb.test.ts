// Tests `ops outbox` and `ops inbox` on a real MariaDB.
import { afterAll } from '@jest/globals';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { describeOutbox } from './describe-outbox.ts';

let server: Mariadb | undefined;

describeOutbox('MariaDB', async () => {
  server = await startMariadb();
  return server.url;
});
afterAll(() => server?.stop());
