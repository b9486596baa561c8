// Parses DATABASE_URL, and rejects the addresses that the database drivers cannot open.

import { isHost, withoutBrackets } from '../runtime/host-name.ts';
import { decodePercent } from '../runtime/percent.ts';
import { withoutSeparator } from './punctuation.ts';

export type DatabaseAddress =
  | { dialect: 'sqlite'; file: string }
  | { dialect: 'mysql'; host: string; port: number; user: string; password: string; database: string };

const DEFAULT_PORT = 3306;

const SQLITE = 'sqlite:';

/** Returns the path in a valid `sqlite:<path>`, or undefined for a database on a server. Needs no database driver. */
export function sqliteFileOf(url: string): string | undefined {
  return url.startsWith(SQLITE) ? url.slice(SQLITE.length).trim() : undefined;
}

/**
 * Parses an address. Returns `undefined` if the drivers would not open the intended database. The user and the password
 * may be percent-encoded or not.
 */
export function readDatabaseUrl(url: string): DatabaseAddress | undefined {
  const file = sqliteFileOf(url);
  return file === undefined ? readMysql(url) : readSqlite(file);
}

/**
 * Parses a path. Rejects `//name`, which would be an absolute path where a relative one is intended. Rejects
 * `:memory:`, because it has no file to sync. Rejects another scheme, because the driver would open a remote database:
 * https://github.com/tursodatabase/libsql-js (read 2026-11). Rejects `~` and `$HOME`, because no shell replaces them.
 */
function readSqlite(file: string): DatabaseAddress | undefined {
  const isPath = /^(?!\/\/(?!\/)|[\w.+-]*:|[~$]).*[^/]$/s.test(file) && !file.includes('\0');
  return isPath && !/(^|\/)\.{1,2}$/.test(file) && withoutSeparator(file) === file
    ? { dialect: 'sqlite', file }
    : undefined;
}

/**
 * Parses a URL of a server. For the URL parser, a `/`, `?` or `#` in the password ends the host, and the rest looks
 * like a database name. So rejects names that contain such characters.
 */
function readMysql(url: string): DatabaseAddress | undefined {
  if (!/^(mysql|mariadb):\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname, port, username, password, pathname, search, hash } = new URL(url);
  const database = decodePercent(pathname.slice(1));
  const host = decodePercent(withoutBrackets(hostname));
  const isComplete = isHost(host) && port !== '0' && search === '' && hash === '';
  if (!isComplete || !/^[^/@:?#\s]{1,64}$/.test(database) || withoutSeparator(database) !== database) return undefined;
  return {
    dialect: 'mysql',
    host,
    port: Number(port || DEFAULT_PORT),
    user: decodePercent(username),
    password: decodePercent(password),
    database,
  };
}
