// The tenant's limit of messages a minute, counted in SQL so that it survives a restart and holds across processes.
import type { InboxRow } from '../inbox/inbox.ts';
import type { Store } from '../store/open-store.ts';
import type { Tenants } from '../tenants/tenants.ts';

const WINDOW_MS = 60_000;

/** True when the tenant sent more messages in the minute before `row` than it may. */
export function createTenantRate(store: Store, tenants: Tenants): (row: InboxRow) => Promise<boolean> {
  return async (row) => {
    const tenant = await tenants.find(row.tenant_id);
    if (!tenant) return false;
    const [count] = await store
      .knex('inbox')
      .where('tenant_id', row.tenant_id)
      .andWhere('received_at', '>', Number(row.received_at) - WINDOW_MS)
      .andWhere('id', '<=', row.id)
      .count({ messages: '*' });
    return Number(count?.messages ?? 0) > tenant.rateLimit;
  };
}
