// A database that no longer answers on connections that stand, as after a failover or behind a dead router.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';

/** Longer than a busy machine takes for an answer. */
const SILENCE_MS = 3_000;

let mariadb: Mariadb;
let wire: Server;
let store: Store;
const standing = new Set<Socket>();

beforeAll(async () => {
  mariadb = await startMariadb();
  const { port } = new URL(mariadb.url);
  wire = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) standing.add(socket.on('error', () => {}));
  });
  await once(wire.listen(0, '127.0.0.1'), 'listening');
  const address = new URL(mariadb.url);
  address.port = String((wire.address() as AddressInfo).port); // it listens on a port
  store = openStore(address.href, { silenceMs: SILENCE_MS });
});
afterAll(async () => {
  await store.close();
  for (const socket of standing) socket.destroy();
  wire.close();
  await mariadb.stop();
});

test('a statement without an answer fails, and the next one takes another connection', async () => {
  await store.knex.raw('select 1');
  for (const socket of standing) socket.unpipe();
  await expect(store.knex.raw('select 2')).rejects.toThrow(`did not answer within ${SILENCE_MS} ms`);
  await expect(store.knex.raw('select 3')).resolves.toBeDefined();
});

test('a connection that was not used for longer is replaced without an error', async () => {
  await store.knex.raw('select 1');
  await new Promise((resolve) => setTimeout(resolve, SILENCE_MS + 500));
  await expect(store.knex.raw('select 2')).resolves.toBeDefined();
});

test('a transaction that is cut off leaves its connection to nobody', async () => {
  await expect(
    store.knex.transaction(async (trx) => {
      await trx.raw('select 1');
      for (const socket of standing) socket.unpipe();
      await trx.raw('select 2');
    }),
  ).rejects.toThrow();
  await expect(store.knex.raw('select 3')).resolves.toBeDefined();
});
