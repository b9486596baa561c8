// Number of rows that MariaDB reads for a lease and a sweep, measured by its own counters.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Store } from '../../../bot/store/open-store.ts';
import { type Mariadb, startMariadb } from '../../support/mariadb.ts';
import { FINISHED_RECENTLY, filledStore, leaseTwice, sweep, WAITING_IN_ONE_CHAT } from './effort.ts';

let mariadb: Mariadb;
let store: Store;

beforeAll(async () => {
  mariadb = await startMariadb();
  store = await filledStore(mariadb.url);
});
afterAll(async () => {
  await store.close();
  await mariadb.stop();
});

/**
 * Counts the rows read during `work`, see https://mariadb.com/kb/en/server-status-variables/#handler_read_next (read
 * 2026-11).
 */
async function rowsRead(work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    const [rows] = await store.knex.raw("show global status like 'Handler_read%'");
    return rows.reduce((sum: number, row: { Value: string }) => sum + Number(row.Value), 0);
  };
  const before = await read();
  await work();
  return (await read()) - before;
}

test('a lease reads a bounded number of rows', async () => {
  const leased: number[] = [];
  const read = await rowsRead(async () => leased.push(...(await leaseTwice(store))));
  expect(leased).toEqual([2, 0]);
  // Each lease reads and copies two pages of 82 rows. SHOW STATUS itself reads about 1,000 counters.
  expect(read).toBeLessThan(WAITING_IN_ONE_CHAT / 2);
});

test('a sweep reads only rows that it deletes', async () => {
  const read = await rowsRead(() => sweep(store));
  expect(read).toBeLessThan(FINISHED_RECENTLY / 2);
});
