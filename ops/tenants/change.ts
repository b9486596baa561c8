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

/** Adds a tenant and returns the exit code. Throws `CommandError` if the id or a binding is in use. */
export async function addTenant(store: Store, tenantId: string, { columns, bind }: TenantChange): Promise<number> {
  await store.knex.transaction(async (trx) => {
    await rejectDuplicate(
      () => trx('tenant_config').insert({ tenant_id: tenantId, ...columns }),
      `The tenant ${tenantId} already exists. Change it: ./chatbot tenants set ${tenantId} …`,
    );
    for (const binding of bind) await addBinding(trx, tenantId, binding);
  });
  await settleConversations(store, tenantId, columns.isolation ?? 'shared');
  print(`The tenant ${tenantId} was added.`);
  return 0;
}

/**
 * Changes a tenant and returns the exit code. Throws `CommandError` for an unknown tenant, a binding of another tenant,
 * or an id that cannot be dedicated.
 */
export async function setTenant(store: Store, tenantId: string, change: TenantChange): Promise<number> {
  const before = await requireTenant(store.knex, tenantId);
  if (change.columns.isolation === 'dedicated' && !TENANT_ID.test(tenantId)) {
    throw new CommandError(
      `The id ${tenantId} is not valid in the name of a table, so the tenant cannot be dedicated.`,
    );
  }
  await store.knex.transaction(async (trx) => {
    // Begins with a write, because SQLite then waits for the write lock. If a transaction begins with a read, its first
    // write can fail with SQLITE_BUSY_SNAPSHOT, see https://www.sqlite.org/isolation.html (read 2026-11).
    await trx('tenant_config')
      .where('tenant_id', tenantId)
      .update({ tenant_id: tenantId, ...change.columns });
    for (const binding of change.unbind) await removeBinding(trx, tenantId, binding);
    for (const binding of change.bind) await addBinding(trx, tenantId, binding);
  });
  const isolation = change.columns.isolation ?? before.isolation;
  if (TENANT_ID.test(tenantId))
    await moveConversations(store, tenantId, { isolation, changed: isolation !== before.isolation });
  print(
    `The tenant ${tenantId} was changed. A running bot applies the change within ${TENANT_KEPT_MS / 1000} seconds.`,
  );
  return 0;
}

/**
 * Moves the conversations into the table of the isolation. A running bot uses the old isolation for up to
 * `TENANT_KEPT_MS`, so rows that it writes in this time are moved afterwards.
 */
async function moveConversations(
  store: Store,
  tenantId: string,
  { isolation, changed }: { isolation: Isolation; changed: boolean },
): Promise<void> {
  let moved = await settleConversations(store, tenantId, isolation);
  if (changed) {
    await waitForTenantCaches();
    moved += await settleConversations(store, tenantId, isolation);
  }
  if (moved > 0) print(`Conversation rows moved: ${moved}`);
}

async function addBinding(trx: Knex.Transaction, tenantId: string, binding: Binding): Promise<void> {
  const owner: { tenant_id: string } | undefined = await trx('tenant_channel').where(binding).first('tenant_id');
  if (owner?.tenant_id === tenantId) return;
  const inUse = `${formatBinding(binding)} is bound to another tenant`;
  if (owner) throw new CommandError(`${inUse}, ${owner.tenant_id}. Unbind it there first.`);
  await rejectDuplicate(() => trx('tenant_channel').insert({ ...binding, tenant_id: tenantId }), `${inUse}.`);
}

async function removeBinding(trx: Knex.Transaction, tenantId: string, binding: Binding): Promise<void> {
  const deleted = await trx('tenant_channel')
    .where({ ...binding, tenant_id: tenantId })
    .delete();
  if (deleted === 0) printError(`${formatBinding(binding)} was not bound to ${tenantId}.`);
}

/** Formats a binding as on the command line: `<platform>:<app>:<organisation>`. */
export function formatBinding({ platform, app_id: app, external_id: organisation }: Binding): string {
  return `${platform}:${app}:${organisation}`;
}

/** Runs an insert. Throws `CommandError` with `problem` if the unique key exists already. */
async function rejectDuplicate(insert: () => PromiseLike<unknown>, problem: string): Promise<void> {
  try {
    await insert();
  } catch (error) {
    throw isDuplicateKey(error) ? new CommandError(problem) : error;
  }
}
