// Generates the passwords that the compose file needs into .env, once.

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
 * Adds every secret that has no value in the environment or the file, as 48 hex digits (safe in a URL). Existing
 * values, comments and order stay. Returns the names of the added secrets. A file with a byte order mark or in UTF-16
 * becomes plain UTF-8, because Compose reads nothing else.
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
 * Returns the environment for compose commands that start nothing. They too read the complete compose file and fail
 * without its secrets. Missing secrets get a placeholder, so that `down` works after .env was lost.
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
 * Replaces the empty assignment that a copied .env.example leaves, or appends a line. If the example was copied twice,
 * replaces both assignments, because an empty second one would clear the value.
 */
function setValue(text: string, name: string, value: string): string {
  const empty = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'gm');
  const line = `${name}=${value}`;
  return text.search(empty) >= 0 ? text.replaceAll(empty, line) : `${text}${line}\n`;
}

/**
 * Returns the file's text, or an empty text if there is no file.
 * @throws CommandError if the file is not UTF-8, because rewriting a misread file would destroy it
 */
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
