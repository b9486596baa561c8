// Finds the tenant of a message.
import type { Knex } from 'knex';
import type { TenantModel } from '../domain/inference.ts';
import type { InboundMessage } from '../domain/message.ts';
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';
import { isDuplicateKey } from '../store/row-errors.ts';
import { type Isolation, TENANT_KEPT_MS } from './conversation-tables.ts';
import type { TenantNotices } from './notices.ts';

/** Tenant of an installation without further tenants. */
export const DEFAULT_TENANT = 'default';

export interface Tenant {
  tenantId: string;
  /** Messages per minute; 0 is no limit. */
  rateLimit: number;
  model?: TenantModel;
  /** `dedicated`: its conversations are in a table of their own. */
  isolation: Isolation;
}

export interface Tenants {
  /** Creates the default tenant if it does not exist. */
  ensureDefault(): Promise<void>;
  /**
   * Resolves with the tenant of the organisation of the message; undefined if the organisation is not bound. The first
   * organisation of an app is bound to the default tenant. An internal app belongs to exactly one organisation, whose
   * id is not known before its first message.
   */
  resolve(message: InboundMessage): Promise<Tenant | undefined>;
  /** Resolves with the tenant; undefined if there is none. */
  find(tenantId: string): Promise<Tenant | undefined>;
  /** Resolves with the organisations and their tenants, at most `BINDINGS_MAX`. */
  bindings(): Promise<TenantBinding[]>;
}

export interface TenantBinding {
  platform: string;
  appId: string;
  organisation: string;
  tenantId: string;
}

/** Maximum number of bindings that `bindings` reads. */
const BINDINGS_MAX = 100;

interface TenantRow {
  tenant_id: string;
  rate_limit: number;
  model_endpoint: string | null;
  model_name: string | null;
  isolation: Isolation;
}

export function createTenants(
  { knex }: Store,
  clock: () => number,
  notices?: Pick<TenantNotices, 'bound' | 'ignored'>,
): Tenants {
  const cache = new Map<string, { tenant: Tenant; at: number }>();

  /**
   * Caches a tenant for `TENANT_KEPT_MS`, because each callback and each message need one. A missing tenant is not
   * cached, because forged callbacks can name any number of organisations.
   */
  async function cached(key: string, load: () => Promise<Tenant | undefined>): Promise<Tenant | undefined> {
    const known = cache.get(key);
    if (known && Math.abs(clock() - known.at) < TENANT_KEPT_MS) return known.tenant; // `abs`: the clock can be set back
    const tenant = await load();
    if (tenant) cache.set(key, { tenant, at: clock() });
    return tenant;
  }

  async function findBound({ platform, appId, externalTenantId }: InboundMessage): Promise<Tenant | undefined> {
    const row = await knex('tenant_channel as channel')
      .join('tenant_config as tenant', 'tenant.tenant_id', 'channel.tenant_id')
      .where({ platform, app_id: appId, external_id: externalTenantId })
      .first<TenantRow | undefined>('tenant.*');
    return row && toTenant(row);
  }

  async function bindFirst(message: InboundMessage): Promise<void> {
    const { platform, appId, externalTenantId } = message;
    const isBound = async (db: Knex) =>
      (await db('tenant_channel').where({ platform, app_id: appId }).first('tenant_id')) !== undefined;
    if (await isBound(knex)) return;
    const inserted = await retryOnDeadlock(() =>
      knex.transaction(async (trx) => {
        // Lock this row, so that only one organisation is bound. SQLite needs no lock, because it has one writer:
        // https://www.sqlite.org/isolation.html (read 2026-11).
        await trx('tenant_config').where({ tenant_id: DEFAULT_TENANT }).forUpdate().first('tenant_id');
        if (await isBound(trx)) return false;
        const binding = { platform, app_id: appId, external_id: externalTenantId, tenant_id: DEFAULT_TENANT };
        await trx('tenant_channel').insert(binding);
        return true;
      }),
    );
    if (inserted) notices?.bound(message);
  }

  return {
    async ensureDefault() {
      await ignoringDuplicates(() => knex('tenant_config').insert({ tenant_id: DEFAULT_TENANT }));
    },
    async resolve(message) {
      const { platform, appId, externalTenantId } = message;
      const key = `${platform} ${appId.length} ${appId} ${externalTenantId}`;
      const tenant = await cached(key, async () => {
        const found = await findBound(message);
        if (found) return found;
        await bindFirst(message);
        return findBound(message);
      });
      if (!tenant) notices?.ignored(message);
      return tenant;
    },
    async bindings() {
      return knex('tenant_channel')
        .select('platform', 'tenant_id as tenantId', 'app_id as appId', 'external_id as organisation')
        .orderBy(['platform', 'app_id', 'external_id'])
        .limit(BINDINGS_MAX);
    },
    find: (tenantId) =>
      cached(tenantId, async () => {
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
