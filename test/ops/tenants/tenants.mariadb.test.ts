// Tests `ops tenants` on a real MariaDB.
import { afterAll } from '@jest/globals';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { describeTenants } from './describe-tenants.ts';

let server: Mariadb | undefined;

describeTenants('MariaDB', async () => {
  server = await startMariadb();
  return server.url;
});
afterAll(() => server?.stop());
