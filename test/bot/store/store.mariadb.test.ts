// The store on a real MariaDB.
import { startMariadb } from '../../support/mariadb.ts';
import { describeStore } from './describe-store.ts';

describeStore('MariaDB', async () => {
  const server = await startMariadb();
  return { create: server.createDatabase, stop: server.stop };
});
