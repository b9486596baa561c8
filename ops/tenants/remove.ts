// Removes a tenant and all of its data.
import { inBatches } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { dropDedicatedTables } from '../../bot/tenants/conversation-tables.ts';
import { DEFAULT_TENANT } from '../../bot/tenants/tenants.ts';
import { countRows } from '../data/erase.ts';
import { eraseAndReport, report } from '../data/erase-and-report.ts';
import type { Database } from '../installation/database.ts';
import { requireTenant, waitForTenantCaches } from '../installation/tenant.ts';
import { CommandError } from '../process/command-error.ts';
import { formatBinding } from './change.ts';
import type { Binding, TenantArgs } from './parse-args.ts';

/**
 * Removes a tenant, or counts its rows without `yes`, and returns the exit code. The tenant's own row is deleted last,
 * so that the same command completes an interrupted removal. Throws `CommandError` for the default tenant, an unknown
 * tenant, or a tenant with bindings without `force`.
 */
export async function removeTenant(database: Database, { tenantId, force, yes, json }: TenantArgs): Promise<number> {
  const { store } = database;
  if (tenantId === DEFAULT_TENANT) {
    throw new CommandError(
      'The tenant default is created at every start. Delete its data only: ./chatbot data delete --tenant default',
    );
  }
  await requireTenant(store.knex, tenantId);
  const bindings: Binding[] = await store.knex('tenant_channel').where('tenant_id', tenantId);
  if (bindings.length > 0 && !force) {
    const list = bindings.map(formatBinding).join(' ');
    throw new CommandError(
      `${tenantId} is bound to ${list}: unbind it, or add --force. The bot then ignores the messages of these organisations.`,
    );
  }
  if (!yes) {
    report({ tenantId }, await countRows(store, { tenantId }), { yes, json });
    return 0;
  }
  if (bindings.length > 0) await deleteBindings(store, tenantId);
  const counts = await eraseAndReport(database, { tenantId });
  await inBatches({ knex: store.knex, table: 'inbox', where: (query) => query.where('tenant_id', tenantId) });
  await dropDedicatedTables(store, tenantId);
  await store.knex('tenant_config').where('tenant_id', tenantId).delete();
  report({ tenantId }, counts, { yes, json });
  return 0;
}

/**
 * Deletes the bindings and waits until a running bot has loaded the change. The bot ignores messages of organisations
 * without a tenant.
 */
async function deleteBindings({ knex }: Store, tenantId: string): Promise<void> {
  await knex('tenant_channel').where('tenant_id', tenantId).delete();
  await waitForTenantCaches();
}
