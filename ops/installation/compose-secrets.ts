// Fills the passwords the compose file needs into .env, once and never again.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { cleanValue } from '../../bot/config/clean-value.ts';
import { parseDotenv } from '../../bot/config/parse-dotenv.ts';
import { NotUtf8Error, readText } from '../../bot/config/read-text.ts';
import { CommandError } from '../process/command-error.ts';
import { writePrivate } from '../process/write-private.ts';

const COMPOSE_SECRETS = [
  'ELASTIC_PASSWORD',
  'KIBANA_SYSTEM_PASSWORD',
  'LOGSTASH_WRITER_PASSWORD',
  'METRICS_READER_PASSWORD',
  'KIBANA_ENCRYPTION_KEY',
  'MARIADB_PASSWORD',
  'MARIADB_ROOT_PASSWORD',
  'GRAFANA_ADMIN_PASSWORD',
  'GRAFANA_SECRET_KEY',
  'ALERT_RELAY_SECRET',
];

/**
 * Adds every secret that neither the environment nor the file gives a value, as 48 hex digits (safe in a URL).
 * Values that are there stay as they are, and so do comments and order. Returns the names it filled in. A file with a
 * byte order mark or in UTF-16 becomes plain UTF-8, because Compose reads nothing else.
 */
export function fillSecrets(path: string, env: NodeJS.ProcessEnv): string[] {
  const missing = missingSecrets(path, env);
  if (missing.length > 0 || isMarked(path)) {
    let text = readIfThere(path);
    if (text !== '' && !text.endsWith('\n')) text += '\n';
    for (const name of missing) text = setValue(text, name, randomBytes(24).toString('hex'));
    writePrivate(existsSync(path) ? realpathSync(path) : path, text);
  }
  return missing;
}

/**
 * The environment for compose commands that start nothing. They read the whole compose file too and would refuse
 * without its secrets; so that `down` works after .env was lost, a missing one is given a placeholder.
 */
export function readOnlyComposeEnv(path: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, ...Object.fromEntries(missingSecrets(path, env).map((name) => [name, 'not-set'])) };
}

function missingSecrets(path: string, env: NodeJS.ProcessEnv): string[] {
  const given = parseDotenv(readIfThere(path)).entries.filter(
    ({ value }) => cleanValue(value, { secret: true }) !== '',
  );
  return COMPOSE_SECRETS.filter((name) => !env[name] && !given.some((entry) => entry.name === name));
}

/**
 * Replaces the empty assignment that a copied .env.example leaves, or appends a line. An example that was copied twice
 * leaves two: the last one would empty the value again.
 */
function setValue(text: string, name: string, value: string): string {
  const empty = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'gm');
  const line = `${name}=${value}`;
  return text.search(empty) >= 0 ? text.replaceAll(empty, line) : `${text}${line}\n`;
}

/** Writing back what was misread would destroy the file. */
function readIfThere(path: string): string {
  try {
    return existsSync(path) ? readText(path) : '';
  } catch (error) {
    if (error instanceof NotUtf8Error)
      throw new CommandError(`${path} is not encoded in UTF-8. Save it again with UTF-8.`);
    throw error;
  }
}

function isMarked(path: string): boolean {
  return existsSync(path) && [0xef, 0xfe, 0xff].includes(readFileSync(path)[0] ?? 0);
}
