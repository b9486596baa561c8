// Indexes by which a lease finds the first unfinished row of each chat, and the retention only what it deletes.
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
