// Checks rules between settings: contradictions are rejected, weak settings cause warnings.
import { textsOfMissing } from '../domain/problem.ts';
import { descriptors } from '../platforms/registry.ts';
import { readDatabaseUrl } from './database-url.ts';
import { hasUnreadableKeys } from './endpoint-keys.ts';
import type { Problem } from './problems.ts';
import { idSettingOf } from './read-apps.ts';
import type { RawSettings } from './read-sources.ts';
import { isSettingName, type SettingName, type Settings, settingFacts, settingNames } from './settings.ts';

/** Settings that need another setting: name, needed name, consequence if it is missing. */
const NEEDS: [SettingName, SettingName, string][] = [
  ['MODEL_API_KEY', 'MODEL_BASE_URL', 'the key would never be used and the offline model would answer'],
  ['MODEL_NAME', 'MODEL_BASE_URL', 'the offline model would answer instead'],
  ['MODEL_SPACE', 'MODEL_BASE_URL', 'the header would never be sent'],
  [
    'MODEL_FALLBACK_BASE_URL',
    'MODEL_BASE_URL',
    'there is nothing to fall back from and the offline model would answer',
  ],
  ['MODEL_FALLBACK_API_KEY', 'MODEL_FALLBACK_BASE_URL', 'the key would never be used'],
  ['MODEL_FALLBACK_NAME', 'MODEL_FALLBACK_BASE_URL', 'the model would never be requested'],
];

/** Returns the same rules for the group robots of the platforms. */
function alertNeeds(): [SettingName, SettingName, string][] {
  return descriptors().flatMap(({ name, alerts }): [SettingName, SettingName, string][] =>
    isSettingName(alerts?.secretSetting) && isSettingName(alerts.webhookSetting)
      ? [[alerts.secretSetting, alerts.webhookSetting, `no alert would reach the ${name.en} group`]]
      : [],
  );
}

/** Returns the problems between settings, each with its fix. */
export function checkRules(raw: RawSettings): Problem[] {
  const value = (name: SettingName): string | undefined => raw[name]?.value;
  const incomplete = [...NEEDS, ...alertNeeds()]
    .filter(([have, want]) => value(have) && !value(want))
    .map(([have, want, loss]) => ({ name: have, ...textsOfMissing(have, want, loss) }));
  // Compares numbers, because 018790 is the same port as 18790.
  const port = Number(value('PORT') ?? 18_789);
  const clash =
    port === Number(value('ADMIN_PORT') ?? 18_790) && port !== 0
      ? [
          {
            name: 'ADMIN_PORT',
            problem: `PORT and ADMIN_PORT are both ${port}: the second listener could not start.`,
            fix: 'Set ADMIN_PORT to another number.',
          },
        ]
      : [];
  const unreadable = hasUnreadableKeys(value('MODEL_ENDPOINT_KEYS'))
    ? [
        {
          name: 'MODEL_ENDPOINT_KEYS',
          problem: 'MODEL_ENDPOINT_KEYS has an entry that is not host=key: its key would never be sent.',
          fix: 'Write each entry as host=key or host:port=key, without a path, separated by commas.',
        },
      ]
    : [];
  return [...incomplete, ...clash, ...unreadable, ...checkComposeSecrets(value)];
}

/**
 * Minimum characters of Kibana's encryption key. Kibana does not start with a shorter key:
 * https://www.elastic.co/docs/reference/kibana/configuration-reference (read 2026-11).
 */
const LEAST_KIBANA_KEY = 32;

/**
 * Minimum characters of a password that is set by the API of Elasticsearch:
 * https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-change-password (read 2026-11).
 */
const LEAST_ELASTIC_LENGTH = 6;
/** Passwords that the setup job sets by the API of Elasticsearch. */
const SET_BY_API = ['KIBANA_SYSTEM_PASSWORD', 'LOGSTASH_WRITER_PASSWORD', 'METRICS_READER_PASSWORD'] as const;

/**
 * Checks the secrets that the compose file passes to services. The database password must need no escaping, because the
 * compose file inserts it into an address as it is.
 */
function checkComposeSecrets(value: (name: SettingName) => string | undefined): Problem[] {
  const problems: Problem[] = [];
  const password = value('MARIADB_PASSWORD') ?? '';
  const address = readDatabaseUrl(`mysql://bot:${password}@mariadb:3306/bot`);
  if (address?.dialect !== 'mysql' || address.host !== 'mariadb' || address.password !== password) {
    problems.push({
      name: 'MARIADB_PASSWORD',
      problem:
        'MARIADB_PASSWORD contains a character with a special meaning in addresses, so the bot could not log in.',
      fix: 'Set MARIADB_PASSWORD to letters and digits.',
    });
  }
  for (const name of SET_BY_API) {
    const short = value(name);
    if (short === undefined || short.length >= LEAST_ELASTIC_LENGTH) continue;
    problems.push({
      name,
      problem: `${name} is shorter than ${LEAST_ELASTIC_LENGTH} characters, so Elasticsearch would reject it.`,
      fix: `Leave ${name} empty, so that \`make up\` generates one.`,
    });
  }
  const key = value('KIBANA_ENCRYPTION_KEY');
  if (key !== undefined && key.length < LEAST_KIBANA_KEY) {
    problems.push({
      name: 'KIBANA_ENCRYPTION_KEY',
      problem: `KIBANA_ENCRYPTION_KEY is shorter than ${LEAST_KIBANA_KEY} characters, so Kibana would not start.`,
      fix: 'Leave KIBANA_ENCRYPTION_KEY empty, so that `make up` generates one.',
    });
  }
  return problems;
}

/** Minimum characters of a secret. Shorter ones are easy to guess, and redacting them would hide ordinary log text. */
export const LEAST_SECRET_LENGTH = 6;

/** Returns warnings about settings that work but are weak. */
export function findWeaknesses(settings: Omit<Settings, 'warnings'>): string[] {
  const weak = descriptors().flatMap(({ id, apps }) =>
    settings.apps[id].flatMap((app) => apps.weaknessesOf(app, settings)),
  );
  if (descriptors().every(({ id }) => settings.apps[id].length === 0)) {
    const ids = descriptors().flatMap(({ apps }) => idSettingOf(apps.fields) ?? []);
    weak.push(`No platform is configured: every callback is rejected. Set ${ids.join(' or ')}.`);
  }
  if (settings.MODEL_BASE_URL !== undefined && settings.MODEL_NAME === undefined) {
    weak.push('MODEL_NAME is not set, and most model servers reject requests without a model. Set MODEL_NAME.');
  }
  if (settings.PUBLIC_URL?.startsWith('http:')) {
    weak.push('PUBLIC_URL is not https: callbacks can be read and changed in transit. Put a TLS proxy in front.');
  }
  for (const name of settingNames()) {
    const value = settings[name];
    const isSecret = settingFacts(name).secret && typeof value === 'string';
    if (isSecret && value.length < LEAST_SECRET_LENGTH) {
      weak.push(
        `${name} is shorter than ${LEAST_SECRET_LENGTH} characters: it is easy to guess and not redacted in logs. Set a longer one.`,
      );
    }
    if (isSecret && /[,;]$/.test(value)) {
      weak.push(
        `${name} ends with "${value.at(-1)}", as in a copied list or command. Remove it unless it belongs to the secret.`,
      );
    }
  }
  return weak;
}
