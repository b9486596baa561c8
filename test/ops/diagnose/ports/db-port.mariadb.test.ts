// Tests the direct connection to MariaDB: its error codes and the queues.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate } from '../../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../../bot/store/open-store.ts';
import { createDbPort } from '../../../../ops/diagnose/ports/db-port.ts';
import { type Mariadb, startMariadb } from '../../../support/mariadb.ts';
import { FILLED, fillQueues } from './queue-rows.ts';

const db = createDbPort();
const { signal } = new AbortController();
let server: Mariadb;
let store: Store;

beforeAll(async () => {
  server = await startMariadb();
  store = openStore(server.url);
  await migrate(store);
  await fillQueues(store);
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

test('passes if the database answers', async () => {
  await expect(db.check(server.url, signal)).resolves.toBeUndefined();
});

test('reads the queues', async () => {
  expect(await db.queues(server.url, signal)).toEqual(FILLED);
});

test.each([
  ['a wrong password', { password: 'wrong' }, 'ER_ACCESS_DENIED_ERROR'],
  ['an unknown database', { pathname: '/elsewhere' }, /^ER_(BAD_DB_ERROR|DBACCESS_DENIED_ERROR)$/],
])('rejects with the code of the server for %s', async (_, change, code) => {
  const url = new URL(server.url);
  url.username ||= 'root';
  Object.assign(url, change);
  const error = await db.check(url.href, signal).then(
    () => undefined,
    (reason: { code: string }) => reason,
  );
  expect(error?.code).toEqual(typeof code === 'string' ? code : expect.stringMatching(code));
});
