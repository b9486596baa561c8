// Lists the tenants with their settings and bindings.
import type { Store } from '../../bot/store/open-store.ts';
import type { TenantRow } from '../installation/tenant.ts';
import { columns } from '../process/columns.ts';
import { print, printJson } from '../process/terminal.ts';
import { formatBinding } from './change.ts';
import type { Binding } from './parse-args.ts';

export async function listTenants({ knex }: Store, json: boolean): Promise<number> {
  const tenants: TenantRow[] = await knex('tenant_config').orderBy('tenant_id');
  const bindings: (Binding & { tenant_id: string })[] = await knex('tenant_channel').orderBy(['platform', 'app_id']);
  const facts = tenants.map((row) => ({
    tenant: row.tenant_id,
    rateLimit: row.rate_limit,
    isolation: row.isolation,
    modelEndpoint: row.model_endpoint,
    modelName: row.model_name,
    bindings: bindings.filter(({ tenant_id: owner }) => owner === row.tenant_id).map(formatBinding),
  }));
  if (json) printJson(facts);
  else print(columns([TITLES, ...facts.map((one) => Object.values(one).map(cell))]));
  return 0;
}

const TITLES = ['tenant', 'messages/min', 'isolation', 'model endpoint', 'model', 'bound to'];

function cell(value: string | number | string[] | null): string {
  const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
  return text === '' ? '-' : text;
}
