// Collects the secrets of this installation, so that they can be redacted in logs.

import { descriptors } from '../platforms/registry.ts';
import { decodePercent } from '../runtime/percent.ts';
import { endpointKeys } from './endpoint-keys.ts';
import { LEAST_SECRET_LENGTH } from './rules.ts';
import { type Settings, settingFacts, settingNames } from './settings.ts';

/** Returns the password of an address, as written and percent-decoded. */
function passwordOf(value: string): string[] {
  if (!URL.canParse(value)) return [];
  const { password } = new URL(value);
  return [password, decodePercent(password)];
}

/** Returns the secret parts of a webhook: the values of its query, and its last path segment if that is long. */
function tokensOf(webhook: string): string[] {
  if (!URL.canParse(webhook)) return [];
  const { searchParams, pathname } = new URL(webhook);
  const last = pathname.split('/').at(-1) ?? '';
  return [...searchParams.values(), ...(last.length >= 16 ? [last] : [])];
}

/**
 * Returns the HMAC key for hashing chat and user ids in logs. It is derived from the secrets, so ids cannot be
 * brute-forced without them.
 */
export const hashKeyOf = (settings: Settings): string => secretValues(settings).join('\n');

/** Returns the distinct secrets of the settings, longest first. Omits those too short to be redacted. */
export function secretValues(settings: Settings): string[] {
  const values = settingNames().flatMap((name) => {
    const value = settings[name];
    if (typeof value !== 'string') return [];
    if (name === 'DATABASE_URL' || !settingFacts(name).secret) return passwordOf(value);
    if (name.endsWith('_PROXY')) return [value, ...passwordOf(value)];
    return name.endsWith('_WEBHOOK') ? [value, ...tokensOf(value)] : [value];
  });
  const apps = descriptors().flatMap(({ id, apps }) => settings.apps[id].flatMap((app) => apps.secretsOf(app)));
  const keys = endpointKeys(settings.MODEL_ENDPOINT_KEYS).values();
  const long = [...values, ...apps, ...keys].flatMap((value) =>
    value !== undefined && value.length >= LEAST_SECRET_LENGTH ? [value] : [],
  );
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}
