// A database that no longer answers on open connections, as after a failover or behind a dead router.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';

/** Milliseconds longer than an answer needs on a busy machine. */
const SILENCE_MS = 3_000;

let mariadb: Mariadb;
let proxy: Server;
let store: Store;
const sockets = new Set<Socket>();

beforeAll(async () => {
  mariadb = await startMariadb();
  const { port } = new URL(mariadb.url);
  proxy = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const address = new URL(mariadb.url);
  address.port = String((proxy.address() as AddressInfo).port); // it listens on a port
  store = openStore(address.href, { silenceMs: SILENCE_MS });
});
afterAll(async () => {
  await store.close();
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await mariadb.stop();
});

test('fails a statement without an answer, and uses another connection for the next one', async () => {
  await store.knex.raw('select 1');
  for (const socket of sockets) socket.unpipe();
  await expect(store.knex.raw('select 2')).rejects.toThrow(`did not answer within ${SILENCE_MS} ms`);
  await expect(store.knex.raw('select 3')).resolves.toBeDefined();
});

test('replaces an idle connection after the limit, without an error', async () => {
  await store.knex.raw('select 1');
  await new Promise((resolve) => setTimeout(resolve, SILENCE_MS + 500));
  await expect(store.knex.raw('select 2')).resolves.toBeDefined();
});

test('does not reuse the connection of an interrupted transaction', async () => {
  await expect(
    store.knex.transaction(async (trx) => {
      await trx.raw('select 1');
      for (const socket of sockets) socket.unpipe();
      await trx.raw('select 2');
    }),
  ).rejects.toThrow();
  await expect(store.knex.raw('select 3')).resolves.toBeDefined();
});
