// Creates the tables of the deployment guide: tenants and conversations. The guide's DDL lacks the key of the latter.
import type { Knex } from 'knex';
import { createTable } from './create-table.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'tenant_config', (table) => {
    table.string('tenant_id', 32).primary();
    table.string('model_endpoint', 128);
    table.integer('rate_limit').notNullable().defaultTo(100).comment('messages a minute');
    table.timestamp('create_time').notNullable().defaultTo(knex.fn.now());
  });
  await createTable(knex, 'conversation_log', (table) => {
    table.bigIncrements('id');
    table.string('tenant_id', 32).notNullable().references('tenant_id').inTable('tenant_config');
    table.string('user_id', 191).notNullable();
    table.text('content', 'mediumtext').notNullable();
    table.timestamp('create_time').notNullable().defaultTo(knex.fn.now());
    table.string('role', 16).notNullable().comment('user, assistant');
    table.string('platform', 16).notNullable();
    table.string('chat_id', 191).notNullable();
    table.string('trace_id', 32).notNullable();
    table.index(['tenant_id', 'create_time']);
  });
}
