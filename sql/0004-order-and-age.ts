// Adds indexes that find the first unfinished row of each chat for a lease, and the expired rows for the retention.
import type { Knex } from 'knex';
import { addIndexes, dropIndexes } from './create-table.ts';

export async function up(knex: Knex): Promise<void> {
  for (const table of ['inbox', 'outbox']) {
    await addIndexes(knex, table, {
      [`${table}_chat_heads`]: ['state', 'chat_key', 'id'],
      [`${table}_finished`]: ['state', 'finished_at'],
    });
    await dropIndexes(knex, table, [`${table}_chat_order`]);
  }
  await addIndexes(knex, 'rate_window', { rate_window_start: ['window_start'] });
}
