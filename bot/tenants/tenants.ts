// Which tenant a message belongs to.
import type { InboundMessage } from '../channels/channel.ts';
import type { TenantModel } from '../model/model.ts';
import { isDuplicateKey, type Store } from '../store/open-store.ts';
import { type Isolation, TENANT_KEPT_MS } from './conversation-tables.ts';

/** The tenant of a bundle that nobody has divided yet. */
export const DEFAULT_TENANT = 'default';

export interface Tenant {
  tenantId: string;
  /** Messages a minute. */
  rateLimit: number;
  model?: TenantModel;
  /** `dedicated`: its conversations lie in a table of their own. */
  isolation: Isolation;
}

export interface Tenants {
  /** Creates the default tenant, once. */
  ensureDefault(): Promise<void>;
  /**
   * The tenant bound to the message's organisation, or undefined when it is a stranger's. The first
   * organisation that reaches an app is bound to the default tenant: both platforms' internal apps belong to
   * exactly one, and its id is not known before its first message.
   */
  resolve(message: InboundMessage): Promise<Tenant | undefined>;
  find(tenantId: string): Promise<Tenant | undefined>;
}

interface TenantRow {
  tenant_id: string;
  rate_limit: number;
  model_endpoint: string | null;
  model_name: string | null;
  isolation: Isolation;
}

export function createTenants({ knex }: Store, clock: () => number): Tenants {
  const kept = new Map<string, { tenant: Tenant; until: number }>();

  /** A callback and its message ask for the same few tenants again and again. Strangers are not remembered: they have no bound. */
  async function remembered(key: string, load: () => Promise<Tenant | undefined>): Promise<Tenant | undefined> {
    const known = kept.get(key);
    if (known && clock() < known.until) return known.tenant;
    const tenant = await load();
    if (tenant) kept.set(key, { tenant, until: clock() + TENANT_KEPT_MS });
    return tenant;
  }

  async function bound({ platform, appId, externalTenantId }: InboundMessage): Promise<Tenant | undefined> {
    const row = await knex('tenant_channel as channel')
      .join('tenant_config as tenant', 'tenant.tenant_id', 'channel.tenant_id')
      .where({ platform, app_id: appId, external_id: externalTenantId })
      .first<TenantRow | undefined>('tenant.*');
    return row && toTenant(row);
  }

  async function bindFirst({ platform, appId, externalTenantId }: InboundMessage): Promise<void> {
    const others = await knex('tenant_channel').where({ platform, app_id: appId }).first('tenant_id');
    if (others) return;
    await ignoringDuplicates(() =>
      knex('tenant_channel').insert({
        platform,
        app_id: appId,
        external_id: externalTenantId,
        tenant_id: DEFAULT_TENANT,
      }),
    );
  }

  return {
    ensureDefault: () => ignoringDuplicates(() => knex('tenant_config').insert({ tenant_id: DEFAULT_TENANT })),
    resolve: (message) =>
      remembered(JSON.stringify([message.platform, message.appId, message.externalTenantId]), async () => {
        const tenant = await bound(message);
        if (tenant) return tenant;
        await bindFirst(message);
        return bound(message);
      }),
    find: (tenantId) =>
      remembered(tenantId, async () => {
        const row = await knex('tenant_config').where({ tenant_id: tenantId }).first<TenantRow | undefined>();
        return row && toTenant(row);
      }),
  };
}

function toTenant(row: TenantRow): Tenant {
  const { model_endpoint: endpoint, model_name: name } = row;
  const model = { ...(endpoint ? { endpoint } : {}), ...(name ? { name } : {}) };
  return { tenantId: row.tenant_id, rateLimit: row.rate_limit, model, isolation: row.isolation };
}

async function ignoringDuplicates(insert: () => PromiseLike<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
