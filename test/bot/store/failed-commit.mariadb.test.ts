// A COMMIT that MariaDB rejects: the connection is still in its transaction and must not be reused.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';

let mariadb: Mariadb;
let proxy: Server;
let store: Store;
let rejected = 0;

/** Builds an error packet of the protocol, see https://mariadb.com/kb/en/err_packet/ (read 2026-11). */
function errorPacket(): Buffer {
  const body = Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from('#HY000The commit was rejected')]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 1]), body]);
}

beforeAll(async () => {
  mariadb = await startMariadb();
  proxy = createServer((near) => {
    const far = connect(Number(new URL(mariadb.url).port), '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    far.pipe(near);
    near.on('data', (chunk) => {
      if (!chunk.includes('COMMIT;')) return void far.write(chunk);
      rejected += 1;
      near.write(errorPacket());
    });
    near.on('close', () => far.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const address = new URL(mariadb.url);
  address.port = String((proxy.address() as AddressInfo).port); // it listens on a port
  store = openStore(address.href);
});
afterAll(async () => {
  await store.close();
  proxy.close();
  await mariadb.stop();
});

test('runs the next statement outside the failed transaction, of which nothing is stored', async () => {
  await store.knex.raw('create table t (id int primary key)');
  await expect(store.knex.transaction((trx) => trx('t').insert({ id: 1 }))).rejects.toThrow('commit was rejected');
  expect(rejected).toBe(1);
  await store.knex('t').insert({ id: 2 });
  const other = openStore(mariadb.url);
  await expect(other.knex('t').pluck('id')).resolves.toEqual([2]);
  await other.close();
});
