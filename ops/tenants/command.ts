// `ops tenants`: who uses the bot, with which limit and model, and where their conversations lie.
import type { Command } from '../command.ts';
import { exportData } from '../data/export.ts';
import { withDatabase } from '../installation/database.ts';
import { addTenant, setTenant } from './change.ts';
import { listTenants } from './list.ts';
import { readWords } from './parse-args.ts';
import { removeTenant } from './remove.ts';

const usage = `Usage: npm run -s ops -- tenants <list|add|set|remove|export> [id] [options]

  list           all tenants; --json
  add ID         a new tenant; an id is 1 to 32 of a-z, 0-9, _ and -
  set ID         changes what is named and leaves the rest
                 --rate-limit 100        messages a minute, 0 for no limit
                 --model-endpoint URL    its own OpenAI-compatible interface; '' takes it away
                 --model-name NAME       its own model; '' takes it away
                 --isolation shared|dedicated   dedicated: its conversations lie in a table of their own
                 --bind feishu:APP_ID:TENANT_KEY, --bind dingtalk:APP_KEY:CORP_ID   may be repeated
                 --unbind …              the same words, with set only
  remove ID      counts what is held; with --yes deletes the tenant and everything of it; refuses while it is bound,
                 unless --force; --json
  export ID      everything held about it, one JSON object a line, to stdout or --out FILE

The bot may run meanwhile; it knows of a change within 2 seconds.

Exit code: 0 done, 1 an unknown tenant, a binding that is taken, a tenant still bound, 2 wrong usage.`;

export const command: Command = {
  name: 'tenants',
  summary: 'who uses the bot: limits, models, isolation, bindings',
  usage,
  async run(argv) {
    const words = readWords(argv);
    const { action, tenantId, change } = words;
    if (action === 'export') return exportData({ tenantId }, words.out);
    const readOnly = action === 'list' || (action === 'remove' && !words.yes);
    return withDatabase({ args: ['tenants', ...argv] }, { readOnly }, (database) => {
      if (action === 'list') return listTenants(database.store, words.json);
      if (action === 'remove') return removeTenant(database, words);
      return (action === 'add' ? addTenant : setTenant)(database.store, tenantId, change);
    });
  },
};
