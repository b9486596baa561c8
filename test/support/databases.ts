// Creates empty databases for suites that run on both kinds: SQLite files in a new folder, or a real MariaDB.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMariadb } from './mariadb.ts';

export interface Databases {
  /** Creates an empty database and resolves with its URL. */
  create(): Promise<string>;
  stop(): Promise<void>;
}

export async function sqliteDatabases(): Promise<Databases> {
  const dir = await mkdtemp(join(tmpdir(), 'chatbot-store-'));
  let count = 0;
  return {
    create: async () => `sqlite:${dir}/${++count}.db`,
    stop: () => rm(dir, { recursive: true, force: true }),
  };
}

export async function mariadbDatabases(): Promise<Databases> {
  const server = await startMariadb();
  return { create: server.createDatabase, stop: server.stop };
}
