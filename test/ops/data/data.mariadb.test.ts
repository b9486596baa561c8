// Tests `ops data` on a real MariaDB.
import { afterAll } from '@jest/globals';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { describeData } from './describe-data.ts';

let server: Mariadb | undefined;

describeData('MariaDB', async () => {
  server = await startMariadb();
  return server.url;
});
afterAll(() => server?.stop());
