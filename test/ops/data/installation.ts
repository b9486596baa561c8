// Creates a temporary folder with a database, for tests of the commands that use the bot's data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { type OpsRun, runOps } from '../../support/built-ops.ts';

export interface Installation {
  dir: string;
  store: Store;
  ops(...argv: string[]): Promise<OpsRun>;
  remove(): Promise<void>;
}

/** Uses the database at `url`, or an SQLite file in the folder. Migrates it and adds the tenant `default`. */
export async function createInstallation(url?: string): Promise<Installation> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-data-'));
  const env = { DATABASE_URL: url ?? `sqlite:${dir}/bot.db` };
  const store = openStore(env.DATABASE_URL);
  await migrate(store);
  await store.knex('tenant_config').insert({ tenant_id: 'default' });
  return {
    dir,
    store,
    ops: (...argv) => runOps(argv, { dir, env }),
    async remove() {
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
