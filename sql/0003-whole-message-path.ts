// Adds tenant and user of a row, rate limits, progress messages, and models and isolation of tenants.
import type { Knex } from 'knex';
import { addColumns, createTable } from './create-table.ts';

export async function up(knex: Knex): Promise<void> {
  await addColumns(knex, 'tenant_config', {
    model_name: (table) => table.string('model_name', 64),
    isolation: (table) =>
      table
        .string('isolation', 16)
        .notNullable()
        .defaultTo('shared')
        .comment('shared, dedicated: a conversation table of its own'),
  });
  await addColumns(knex, 'inbox', {
    user_id: (table) => table.string('user_id', 191).notNullable().defaultTo(''),
    progress_id: (table) =>
      table.string('progress_id', 191).comment('platform id of the message that says the bot is thinking'),
  });
  await addColumns(knex, 'outbox', {
    tenant_id: (table) => table.string('tenant_id', 32).notNullable().defaultTo(''),
    user_id: (table) => table.string('user_id', 191).notNullable().defaultTo(''),
    replaces: (table) =>
      table.string('replaces', 191).comment('platform id of the message that the part takes the place of'),
  });
  await addColumns(knex, 'session', {
    platform: (table) => table.string('platform', 16).notNullable().defaultTo(''),
    user_id: (table) => table.string('user_id', 191).notNullable().defaultTo(''),
  });
  await createTable(knex, 'rate_window', (table) => {
    table.string('rate_key', 191).primary().comment('scope and whose');
    table.bigInteger('window_start').notNullable();
    table.integer('messages').notNullable();
  });
}
