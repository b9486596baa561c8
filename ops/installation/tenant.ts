// One tenant as its row holds it, and the moment in which running bots still remember it otherwise.
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

/** @throws CommandError when there is no such tenant */
export async function requireTenant(knex: Knex, tenantId: string): Promise<TenantRow> {
  const row: TenantRow | undefined = await knex('tenant_config').where('tenant_id', tenantId).first();
  if (!row) throw new CommandError(`There is no tenant ${tenantId}. All of them: npm run -s ops -- tenants list`);
  return row;
}

/** Time for what a bot has begun with the tenant as it remembers it. */
const MARGIN_MS = 500;

export function untilBotsKnow(): Promise<void> {
  return sleep(TENANT_KEPT_MS + MARGIN_MS);
}
