// Reads one tenant, and waits until running bots no longer use a cached row of it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { type Isolation, TENANT_KEPT_MS } from '../../bot/tenants/conversation-tables.ts';
import { CommandError } from '../process/command-error.ts';

export interface TenantRow {
  tenant_id: string;
  rate_limit: number;
  model_endpoint: string | null;
  model_name: string | null;
  isolation: Isolation;
}

/** @throws CommandError if there is no such tenant */
export async function requireTenant(knex: Knex, tenantId: string): Promise<TenantRow> {
  const row: TenantRow | undefined = await knex('tenant_config').where('tenant_id', tenantId).first();
  if (!row) throw new CommandError(`There is no tenant ${tenantId}. All of them: ./chatbot tenants list`);
  return row;
}

/** Margin for work that a bot began with its cached row. */
const MARGIN_MS = 500;

/** Waits until every running bot has reloaded its tenants. */
export function waitForTenantCaches(): Promise<void> {
  return sleep(TENANT_KEPT_MS + MARGIN_MS);
}
