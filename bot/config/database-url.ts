// Reads DATABASE_URL: the one place that knows which addresses can be opened.

import { isHost, withoutBrackets } from '../runtime/host-name.ts';
import { decodePercent } from '../runtime/percent.ts';
import { withoutSeparator } from './punctuation.ts';

export type DatabaseAddress =
  | { dialect: 'sqlite'; file: string }
  | { dialect: 'mysql'; host: string; port: number; user: string; password: string; database: string };

const DEFAULT_PORT = 3306;

const SQLITE = 'sqlite:';

/** Path in a checked `sqlite:<path>`; undefined for a database on a server. Needs no database driver. */
export function sqliteFileOf(url: string): string | undefined {
  return url.startsWith(SQLITE) ? url.slice(SQLITE.length).trim() : undefined;
}

/** `undefined` for an address that cannot be opened as meant. User and password are taken as written or escaped. */
export function readDatabaseUrl(url: string): DatabaseAddress | undefined {
  const file = sqliteFileOf(url);
  return file === undefined ? readMysql(url) : readSqlite(file);
}

/**
 * `//name` would be an absolute path where a relative one is meant; `:memory:` has no file to sync; another scheme
 * makes the driver open a remote database: https://github.com/tursodatabase/libsql-js. No shell replaces `~` or `$HOME`.
 */
function readSqlite(file: string): DatabaseAddress | undefined {
  const isPath = /^(?!\/\/(?!\/)|[\w.+-]*:|[~$]).*[^/]$/s.test(file) && !file.includes('\0');
  return isPath && !/(^|\/)\.{1,2}$/.test(file) && withoutSeparator(file) === file
    ? { dialect: 'sqlite', file }
    : undefined;
}

/** A `/`, `?` or `#` of the password ends the host for the URL parser, so that the rest looks like a database. */
function readMysql(url: string): DatabaseAddress | undefined {
  if (!/^(mysql|mariadb):\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { hostname, port, username, password, pathname, search, hash } = new URL(url);
  const database = decodePercent(pathname.slice(1));
  const host = decodePercent(withoutBrackets(hostname));
  const isWhole = isHost(host) && port !== '0' && search === '' && hash === '';
  if (!isWhole || !/^[^/@:?#\s]{1,64}$/.test(database) || withoutSeparator(database) !== database) return undefined;
  return {
    dialect: 'mysql',
    host,
    port: Number(port || DEFAULT_PORT),
    user: decodePercent(username),
    password: decodePercent(password),
    database,
  };
}
