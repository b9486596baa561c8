// Query plans of SQLite for a lease and a sweep, because SQLite has no counters of rows read.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import type { Store } from '../../../bot/store/open-store.ts';
import { filledStore, leaseTwice, sweep } from './effort.ts';

interface Query {
  sql: string;
  bindings: unknown[];
}

let dir: string;
let store: Store;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-effort-'));
  store = await filledStore(`sqlite:${dir}/bot.db`);
});
afterAll(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

/** Resolves with the steps of the plans of all queries in `work`. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  const queries: Query[] = [];
  const record = (query: Query) => void queries.push(query);
  store.knex.on('query', record);
  await work();
  store.knex.removeListener('query', record);
  const db = new Database(`${dir}/bot.db`);
  const steps = queries
    .filter(({ sql }) => /^(select|update|delete)/.test(sql))
    .flatMap(({ sql, bindings }) => db.prepare(`explain query plan ${sql}`).all(bindings) as { detail: string }[]);
  db.close();
  return steps.map(({ detail }) => detail);
}

test('a lease searches by index and sorts nothing', async () => {
  const plans = await plansOf(() => leaseTwice(store));
  expect(plans.join('\n')).not.toMatch(/SCAN (?!part|CONSTANT)|TEMP B-TREE/);
  expect(plans).toContain('SEARCH earlier USING COVERING INDEX outbox_chat_heads (state=? AND chat_key=?)');
});

test('a sweep searches by age', async () => {
  const plans = await plansOf(() => sweep(store));
  expect(plans.join('\n')).not.toMatch(/SCAN (inbox|outbox|session|rate_window|conversation)|TEMP B-TREE/);
  for (const table of ['inbox', 'outbox']) {
    expect(plans).toContain(`SEARCH ${table} USING COVERING INDEX ${table}_finished (state=? AND finished_at<?)`);
  }
});
