// Which tenant a message belongs to.
import type { InboundMessage } from '../channels/channel.ts';
import { isDuplicateKey, type Store } from '../store/open-store.ts';

/** The tenant of a bundle that nobody has divided yet. */
export const DEFAULT_TENANT = 'default';

export interface Tenant {
  tenantId: string;
  /** Messages a minute. */
  rateLimit: number;
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
}

export function createTenants({ knex }: Store): Tenants {
  const toTenant = (row: TenantRow | undefined): Tenant | undefined =>
    row && { tenantId: row.tenant_id, rateLimit: row.rate_limit };

  async function bound({ platform, appId, externalTenantId }: InboundMessage): Promise<Tenant | undefined> {
    const row = await knex('tenant_channel as channel')
      .join('tenant_config as tenant', 'tenant.tenant_id', 'channel.tenant_id')
      .where({ platform, app_id: appId, external_id: externalTenantId })
      .first<TenantRow | undefined>('tenant.tenant_id', 'tenant.rate_limit');
    return toTenant(row);
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
    async resolve(message) {
      const tenant = await bound(message);
      if (tenant) return tenant;
      await bindFirst(message);
      return bound(message);
    },
    async find(tenantId) {
      return toTenant(
        await knex('tenant_config')
          .where({ tenant_id: tenantId })
          .first<TenantRow | undefined>('tenant_id', 'rate_limit'),
      );
    },
  };
}

async function ignoringDuplicates(insert: () => PromiseLike<unknown>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
