// Runs a command's work on the bot's own database, wherever that is reached from.
import { existsSync } from 'node:fs';
import { SettingsError } from '../../bot/config/load-settings.ts';
import type { Settings } from '../../bot/config/settings.ts';
import { migrate } from '../../bot/store/migrate.ts';
import { dialectOf, openStore, type Store, sqliteFile } from '../../bot/store/open-store.ts';
import { readDoctorSettings } from '../diagnose/read-settings.ts';
import { Failure } from '../process/failure.ts';
import { type ContainerCall, runInBotContainer } from '../up/bot-container.ts';

const PING_MS = 5_000;

export interface Database {
  store: Store;
  settings: Settings;
}

/**
 * Runs this very command in the bot's container, or `work` here, and resolves with the exit code. The bot may run
 * meanwhile.
 */
export async function onDatabase(call: ContainerCall, work: (database: Database) => Promise<number>): Promise<number> {
  const ran = await runInBotContainer(call);
  if (typeof ran === 'number') return ran;
  if (ran === 'gone') {
    throw new Failure('Only the container of the bot reaches the database, and it is not running. Start it: make up');
  }
  const { settings, problems } = readDoctorSettings({ env: process.env, dir: process.cwd() });
  if (settings === undefined) throw new SettingsError(problems);
  const store = await openExisting(settings.DATABASE_URL);
  try {
    return await work({ store, settings });
  } finally {
    await store.close();
  }
}

/** Opening an SQLite file would make it; a command that finds nothing must leave nothing. */
async function openExisting(url: string): Promise<Store> {
  const file = dialectOf(url) === 'sqlite' ? sqliteFile(url) : undefined;
  if (file !== undefined && !existsSync(file)) {
    throw new Failure(`There is no database at ${file} yet: the bot makes it when it starts. Start it: make up`);
  }
  const store = openStore(url);
  try {
    if (!(await store.ping(PING_MS))) throw new Failure('The database does not answer. The cause: make diagnose');
    await migrate(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
