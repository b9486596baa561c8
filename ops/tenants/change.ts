// Adds tenants and changes them.
import type { Knex } from 'knex';
import type { Store } from '../../bot/store/open-store.ts';
import { isDuplicateKey } from '../../bot/store/row-errors.ts';
import {
  type Isolation,
  settleConversations,
  TENANT_ID,
  TENANT_KEPT_MS,
} from '../../bot/tenants/conversation-tables.ts';
import { requireTenant, waitForTenantCaches } from '../installation/tenant.ts';
import { CommandError } from '../process/command-error.ts';
import { print, printError } from '../process/terminal.ts';
import type { Binding, TenantChange } from './parse-args.ts';

export async function addTenant(store: Store, tenantId: string, { columns, bind }: TenantChange): Promise<number> {
  await store.knex.transaction(async (trx) => {
    await refusingDuplicate(
      () => trx('tenant_config').insert({ tenant_id: tenantId, ...columns }),
      `There is a tenant ${tenantId} already. Change it: npm run -s ops -- tenants set ${tenantId} …`,
    );
    for (const binding of bind) await bindTo(trx, tenantId, binding);
  });
  await settleConversations(store, tenantId, columns.isolation ?? 'shared');
  print(`The tenant ${tenantId} was added.`);
  return 0;
}

export async function setTenant(store: Store, tenantId: string, change: TenantChange): Promise<number> {
  const before = await requireTenant(store.knex, tenantId);
  if (change.columns.isolation === 'dedicated' && !TENANT_ID.test(tenantId)) {
    throw new CommandError(`The id ${tenantId} cannot name a table, so the tenant stays a shared one.`);
  }
  await store.knex.transaction(async (trx) => {
    // First a write, so that SQLite waits for its turn instead of failing later.
    await trx('tenant_config')
      .where('tenant_id', tenantId)
      .update({ tenant_id: tenantId, ...change.columns });
    for (const binding of change.unbind) await unbind(trx, tenantId, binding);
    for (const binding of change.bind) await bindTo(trx, tenantId, binding);
  });
  const isolation = change.columns.isolation ?? before.isolation;
  if (TENANT_ID.test(tenantId)) await settle(store, tenantId, { isolation, changed: isolation !== before.isolation });
  print(`The tenant ${tenantId} was changed. A running bot knows within ${TENANT_KEPT_MS / 1000} seconds.`);
  return 0;
}

/** A running bot remembers the old isolation for a moment; what it writes meanwhile is moved after. */
async function settle(
  store: Store,
  tenantId: string,
  { isolation, changed }: { isolation: Isolation; changed: boolean },
): Promise<void> {
  let moved = await settleConversations(store, tenantId, isolation);
  if (changed) {
    await waitForTenantCaches();
    moved += await settleConversations(store, tenantId, isolation);
  }
  if (moved > 0) print(`Rows of conversations moved: ${moved}`);
}

async function bindTo(trx: Knex.Transaction, tenantId: string, binding: Binding): Promise<void> {
  const owner: { tenant_id: string } | undefined = await trx('tenant_channel').where(binding).first('tenant_id');
  if (owner?.tenant_id === tenantId) return;
  const taken = `${inWords(binding)} is bound to another tenant`;
  if (owner) throw new CommandError(`${taken}, ${owner.tenant_id}. Unbind it there first.`);
  await refusingDuplicate(() => trx('tenant_channel').insert({ ...binding, tenant_id: tenantId }), `${taken}.`);
}

async function unbind(trx: Knex.Transaction, tenantId: string, binding: Binding): Promise<void> {
  const deleted = await trx('tenant_channel')
    .where({ ...binding, tenant_id: tenantId })
    .delete();
  if (deleted === 0) printError(`${inWords(binding)} was not bound to ${tenantId}.`);
}

/** As it is written on the command line. */
export function inWords({ platform, app_id: app, external_id: organisation }: Binding): string {
  return `${platform}:${app}:${organisation}`;
}

async function refusingDuplicate(insert: () => PromiseLike<unknown>, problem: string): Promise<void> {
  try {
    await insert();
  } catch (error) {
    throw isDuplicateKey(error) ? new CommandError(problem) : error;
  }
}
