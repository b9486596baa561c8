// Removes a tenant and everything that is kept for it.
import { inBatches } from '../../bot/store/in-batches.ts';
import type { Store } from '../../bot/store/open-store.ts';
import { dropDedicatedTables } from '../../bot/tenants/conversation-tables.ts';
import { DEFAULT_TENANT } from '../../bot/tenants/tenants.ts';
import { countHeld } from '../data/erase.ts';
import { eraseAndReport, report } from '../data/erase-and-report.ts';
import type { Database } from '../installation/database.ts';
import { requireTenant, waitForTenantCaches } from '../installation/tenant.ts';
import { CommandError } from '../process/command-error.ts';
import { inWords } from './change.ts';
import type { Binding, Words } from './parse-args.ts';

/** Each step can be cut off: the same command goes on, for the tenant itself goes last. */
export async function removeTenant(database: Database, { tenantId, force, yes, json }: Words): Promise<number> {
  const { store } = database;
  if (tenantId === DEFAULT_TENANT) {
    throw new CommandError(
      'The tenant default is made at every start. Its data: npm run -s ops -- data delete --tenant default',
    );
  }
  await requireTenant(store.knex, tenantId);
  const bindings: Binding[] = await store.knex('tenant_channel').where('tenant_id', tenantId);
  if (bindings.length > 0 && !force) {
    const list = bindings.map(inWords).join(' ');
    throw new CommandError(
      `${tenantId} is bound to ${list}: unbind it, or say --force. Its messages are ignored from then on.`,
    );
  }
  if (!yes) {
    report({ tenantId }, await countHeld(store, { tenantId }), { yes, json });
    return 0;
  }
  if (bindings.length > 0) await forgetBindings(store, tenantId);
  const counts = await eraseAndReport(database, { tenantId });
  await inBatches({ knex: store.knex, table: 'inbox', where: (query) => query.where('tenant_id', tenantId) });
  await dropDedicatedTables(store, tenantId);
  await store.knex('tenant_config').where('tenant_id', tenantId).delete();
  report({ tenantId }, counts, { yes, json });
  return 0;
}

/** Unbound, its messages are a stranger's; a running bot learns it in a moment. */
async function forgetBindings({ knex }: Store, tenantId: string): Promise<void> {
  await knex('tenant_channel').where('tenant_id', tenantId).delete();
  await waitForTenantCaches();
}
