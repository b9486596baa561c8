// Command `ops tenants`: manages tenants with their rate limits, models, isolation and bindings.
import { TENANT_KEPT_MS } from '../../bot/tenants/conversation-tables.ts';
import type { Command } from '../command.ts';
import { exportData } from '../data/export.ts';
import { withDatabase } from '../installation/database.ts';
import { addTenant, setTenant } from './change.ts';
import { listTenants } from './list.ts';
import { bindOptions, parseTenantArgs } from './parse-args.ts';
import { removeTenant } from './remove.ts';

const usage = () => `Usage: ./chatbot tenants <list|add|set|remove|export> [id] [options]

  list           all tenants; --json
  add ID         adds a tenant; an id is 1 to 32 of a-z, 0-9, _ and -
  set ID         changes the given options and keeps the others
                 --rate-limit 100        messages a minute, 0 for no limit
                 --model-endpoint URL    the tenant's own OpenAI-compatible endpoint; '' removes it
                 --model-name NAME       the tenant's own model; '' removes it
                 --isolation shared|dedicated   dedicated: the tenant's conversations are in a table of their own
                 ${bindOptions()}   may be repeated
                 --unbind …              the same values as for --bind, with set only
  remove ID      counts the tenant's rows; with --yes deletes the tenant and all of its data; a tenant with bindings is
                 removed with --force only; --json
  export ID      all data of the tenant, one JSON object a line, to stdout or --out FILE

The bot may be running; it applies a change within ${TENANT_KEPT_MS / 1000} seconds.

Exit code: 0 done, 1 an unknown tenant, a binding of another tenant, a tenant with bindings, 2 wrong usage.`;

export const command: Command = {
  name: 'tenants',
  summary: 'tenants: rate limits, models, isolation, bindings',
  usage,
  async run(argv) {
    const args = parseTenantArgs(argv);
    const { action, tenantId, change } = args;
    if (action === 'export') return exportData({ tenantId }, args.out);
    const readOnly = action === 'list' || (action === 'remove' && !args.yes);
    return withDatabase({ args: ['tenants', ...argv] }, { readOnly }, (database) => {
      if (action === 'list') return listTenants(database.store, args.json);
      if (action === 'remove') return removeTenant(database, args);
      return (action === 'add' ? addTenant : setTenant)(database.store, tenantId, change);
    });
  },
};
