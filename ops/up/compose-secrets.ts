// Fills the passwords the compose file needs into .env, once and never again.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, realpathSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { writePrivate } from '../process/write-private.ts';

const COMPOSE_SECRETS = [
  'ELASTIC_PASSWORD',
  'KIBANA_SYSTEM_PASSWORD',
  'LOGSTASH_WRITER_PASSWORD',
  'KIBANA_ENCRYPTION_KEY',
  'MARIADB_PASSWORD',
  'MARIADB_ROOT_PASSWORD',
  'GRAFANA_ADMIN_PASSWORD',
  'ALERT_RELAY_SECRET',
];

/**
 * Adds every secret that neither the environment nor the file gives a value, as 48 hex digits (safe in a URL).
 * Values that are there stay as they are, and so do comments and order. Returns the names it filled in.
 */
export function fillSecrets(path: string, env: NodeJS.ProcessEnv): string[] {
  const missing = missingSecrets(path, env);
  if (missing.length > 0) {
    let text = readIfThere(path);
    if (text !== '' && !text.endsWith('\n')) text += '\n';
    for (const name of missing) text = setValue(text, name, randomBytes(24).toString('hex'));
    writePrivate(existsSync(path) ? realpathSync(path) : path, text);
  } else if (existsSync(path)) {
    chmodSync(path, 0o600);
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
  const given = parseEnv(readIfThere(path));
  return COMPOSE_SECRETS.filter((name) => !env[name] && !given[name]);
}

/** Replaces the empty assignment that a copied .env.example leaves, or appends a line. */
function setValue(text: string, name: string, value: string): string {
  const empty = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=.*$`, 'm');
  const line = `${name}=${value}`;
  return empty.test(text) ? text.replace(empty, line) : `${text}${line}\n`;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
