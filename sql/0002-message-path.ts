// Creates the tables of the message path: tenants of apps, inbox, sessions, outbox.
// Times are milliseconds since 1970 in BIGINT, so both dialects and the code use the same number.
import type { Knex } from 'knex';
import { createTable } from './create-table.ts';

export async function up(knex: Knex): Promise<void> {
  await createTable(knex, 'tenant_channel', (table) => {
    table.string('platform', 16).notNullable();
    table.string('app_id', 64).notNullable();
    table.string('external_id', 128).notNullable().comment('Feishu tenant_key, DingTalk chatbotCorpId');
    table.string('tenant_id', 32).notNullable().references('tenant_id').inTable('tenant_config');
    table.primary(['platform', 'app_id', 'external_id']);
  });
  await createTable(knex, 'inbox', (table) => {
    table.bigIncrements('id');
    table.string('platform', 16).notNullable();
    table.string('app_id', 64).notNullable();
    table.string('message_id', 128).notNullable();
    table.string('event_id', 128).notNullable();
    table.string('tenant_id', 32).notNullable();
    table.text('payload', 'mediumtext').notNullable().comment('the normalised message as JSON');
    table.bigInteger('received_at').notNullable();
    leaseColumns(table);
    table.unique(['platform', 'app_id', 'message_id'], { indexName: 'inbox_message' });
    table.unique(['platform', 'app_id', 'event_id'], { indexName: 'inbox_event' });
    table.index(['tenant_id', 'received_at'], 'inbox_tenant_time');
    leaseIndexes(table, 'inbox');
  });
  await createTable(knex, 'session', (table) => {
    table.string('session_key', 64).primary();
    table.string('tenant_id', 32).notNullable();
    table.text('context', 'mediumtext').notNullable().comment('[{role, content}], newest last');
    table.bigInteger('started_at').notNullable();
    table.bigInteger('last_active_at').notNullable().index('session_last_active');
  });
  await createTable(knex, 'outbox', (table) => {
    table.bigIncrements('id');
    table.bigInteger('inbox_id').notNullable();
    table.integer('part').notNullable();
    table.string('platform', 16).notNullable();
    table.string('app_id', 64).notNullable();
    table.text('target', 'mediumtext').notNullable().comment('where the reply goes, as the channel stored it');
    table.text('content', 'mediumtext').notNullable();
    table.string('idempotency_key', 50).notNullable().unique({ indexName: 'outbox_idempotency' });
    table.bigInteger('expires_at').notNullable();
    table.bigInteger('created_at').notNullable();
    table.string('platform_message_id', 191);
    table.string('last_class', 32);
    table.string('last_code', 64);
    leaseColumns(table);
    leaseIndexes(table, 'outbox');
  });
}

/** Adds the columns that `bot/store/lease` needs. */
function leaseColumns(table: Knex.CreateTableBuilder): void {
  table.string('chat_key', 64).notNullable().comment('rows of one chat are leased in order');
  table.string('trace_id', 32).notNullable();
  table.string('state', 16).notNullable();
  table.integer('attempts').notNullable().defaultTo(0);
  table.bigInteger('available_at').notNullable();
  table.string('lease_owner', 64);
  table.bigInteger('lease_until');
  table.bigInteger('finished_at');
}

function leaseIndexes(table: Knex.CreateTableBuilder, name: string): void {
  table.index(['state', 'available_at'], `${name}_ready`);
  table.index(['chat_key', 'state', 'id'], `${name}_chat_order`);
}
