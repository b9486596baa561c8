// Runs the work of a command on the bot's database, in the bot's container or here.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteFileOf } from '../../bot/config/database-url.ts';
import { SettingsError } from '../../bot/config/load-settings.ts';
import type { Settings } from '../../bot/config/settings.ts';
import { openStore, type Store } from '../../bot/store/open-store.ts';
import { readSchemaVersion } from '../../bot/store/schema-version.ts';
import { DatabaseFileError } from '../../bot/store/sqlite/file.ts';
import { CommandError } from '../process/command-error.ts';
import { plainError } from '../process/plain-error.ts';
import { type ContainerCommand, runInBotContainer } from './bot-container.ts';
import { readInstalledSettings } from './installed-settings.ts';

const CONNECT_MS = 5_000;
/** Time limit for listing the container on a busy server, in milliseconds. */
const DOCKER_MS = 20_000;

export interface Database {
  store: Store;
  settings: Settings;
}

export interface WithDatabaseOptions {
  /** True if the work only reads. Nothing is written, not even while the database is opened. */
  readOnly: boolean;
}

/**
 * Runs this command in the bot's container, or `work` here, and resolves with the exit code. The bot may run at the
 * same time.
 * @throws CommandError if the database or the container cannot be used; SettingsError if the settings are invalid
 */
export async function withDatabase(
  command: ContainerCommand,
  { readOnly }: WithDatabaseOptions,
  work: (database: Database) => Promise<number>,
): Promise<number> {
  const ran = await runInBotContainer({ listTimeoutMs: DOCKER_MS, ...command });
  if (typeof ran === 'number') return ran;
  if (typeof ran === 'object') {
    throw new CommandError(
      `Only the container of the bot reaches the database, and Docker does not answer: ${ran.dockerError}\nSee that it runs: docker info`,
    );
  }
  if (ran === 'gone') {
    throw new CommandError(
      'Only the container of the bot reaches the database, and it is not running. Start it: make up',
    );
  }
  const { settings, problems } = readInstalledSettings({ env: process.env, dir: process.cwd() });
  if (settings === undefined) throw new SettingsError(problems);
  const store = await openExisting(settings.DATABASE_URL, readOnly);
  try {
    return await work({ store, settings });
  } finally {
    await store.close();
  }
}

/** Opens a database only if it exists. Opening an SQLite file creates it, and a command must not create one. */
async function openExisting(url: string, readOnly: boolean): Promise<Store> {
  const file = sqliteFileOf(url);
  if (file !== undefined && !existsSync(file)) {
    throw new CommandError(`There is no database at ${file} yet: the bot makes it when it starts. Start it: make up`);
  }
  const store = open(url, readOnly);
  try {
    await connect(store);
    await requireSchema(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function open(url: string, readOnly: boolean): Store {
  try {
    return openStore(url, { readOnly });
  } catch (error) {
    throw error instanceof DatabaseFileError ? new CommandError(error.message) : error;
  }
}

async function connect(store: Store): Promise<void> {
  const timeout = new AbortController();
  const late = sleep(CONNECT_MS, undefined, { signal: timeout.signal }).then(() => {
    throw new CommandError(`The database does not answer within ${CONNECT_MS} ms. The cause: make diagnose`);
  });
  try {
    await Promise.race([store.connect(), late]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof DatabaseFileError) throw new CommandError(error.message);
    throw new CommandError(`The database does not answer: ${plainError(error).message}. The cause: make diagnose`);
  } finally {
    late.catch(() => {}); // aborted
    timeout.abort();
  }
}

/**
 * Rejects a schema of another version. Commands do not migrate, because only the bot changes the schema while no other
 * bot uses it.
 */
async function requireSchema({ knex }: Store): Promise<void> {
  const { missing, unknown } = await readSchemaVersion(knex);
  if (unknown.length > 0) {
    throw new CommandError(
      `The database has the schema of a newer version (${unknown.join(', ')}): update this checkout.`,
    );
  }
  if (missing.length > 0) {
    throw new CommandError(
      `The database has the schema of an older version (${missing.join(', ')} missing): the bot migrates it when it starts. Start it: make up`,
    );
  }
}
