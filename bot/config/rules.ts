// Rules between settings: what is refused because something would be lost, and what is only weak.
import { descriptors } from '../platforms/registry.ts';
import { readDatabaseUrl } from './database-url.ts';
import { hasUnreadableKeys } from './endpoint-keys.ts';
import type { Problem } from './problems.ts';
import type { RawSettings } from './read-sources.ts';
import { isSettingName, type SettingName, type Settings, settingFacts, settingNames } from './settings.ts';

/** First name has no effect, or does harm, without the second. */
const NEEDS: [SettingName, SettingName, string][] = [
  ['MODEL_API_KEY', 'MODEL_BASE_URL', 'the key would never be used and the offline model would answer'],
  ['MODEL_NAME', 'MODEL_BASE_URL', 'the offline model would answer instead'],
  ['MODEL_SPACE', 'MODEL_BASE_URL', 'it would be sent to nobody'],
  [
    'MODEL_FALLBACK_BASE_URL',
    'MODEL_BASE_URL',
    'there is nothing to fall back from and the offline model would answer',
  ],
  ['MODEL_FALLBACK_API_KEY', 'MODEL_FALLBACK_BASE_URL', 'the key would never be used'],
  ['MODEL_FALLBACK_NAME', 'MODEL_FALLBACK_BASE_URL', 'it would be asked of nobody'],
];

/** The same for the group robots of the platforms. */
function alertNeeds(): [SettingName, SettingName, string][] {
  return descriptors().flatMap(({ name, alerts }): [SettingName, SettingName, string][] =>
    isSettingName(alerts?.secretSetting) && isSettingName(alerts.webhookSetting)
      ? [[alerts.secretSetting, alerts.webhookSetting, `no alert would reach the ${name.en} group`]]
      : [],
  );
}

/** Problems that only show when several settings are looked at together. */
export function checkRules(raw: RawSettings): Problem[] {
  const value = (name: SettingName): string | undefined => raw[name]?.value;
  const lonely = [...NEEDS, ...alertNeeds()]
    .filter(([have, want]) => value(have) && !value(want))
    .map(([have, want, loss]) => ({
      name: have,
      problem: `${have} is set but ${want} is not: ${loss}.`,
      fix: `Set ${want}, or remove ${have}.`,
    }));
  // As numbers: 018790 is the same port.
  const port = Number(value('PORT') ?? 18_789);
  const clash =
    port === Number(value('ADMIN_PORT') ?? 18_790) && port !== 0
      ? [
          {
            name: 'ADMIN_PORT',
            problem: `PORT and ADMIN_PORT are both ${port}: one listener would keep the other from starting.`,
            fix: 'Give ADMIN_PORT another number.',
          },
        ]
      : [];
  const unreadable = hasUnreadableKeys(value('MODEL_ENDPOINT_KEYS'))
    ? [
        {
          name: 'MODEL_ENDPOINT_KEYS',
          problem: 'MODEL_ENDPOINT_KEYS has an entry that is not host=key: its key would never be sent.',
          fix: 'Write each as host=key or host:port=key, without a path, separated by commas.',
        },
      ]
    : [];
  return [...lonely, ...clash, ...unreadable, ...checkComposeSecrets(value)];
}

/** Kibana does not start with a shorter one: https://www.elastic.co/docs/reference/kibana/configuration-reference */
const LEAST_KIBANA_KEY = 32;

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-security-change-password */
const LEAST_ELASTIC_LENGTH = 6;
/** Those that the setup job gives to Elasticsearch by its API. */
const SET_BY_API = ['KIBANA_SYSTEM_PASSWORD', 'LOGSTASH_WRITER_PASSWORD', 'METRICS_READER_PASSWORD'] as const;

/** The compose file puts the database's password into an address as it is. */
function checkComposeSecrets(value: (name: SettingName) => string | undefined): Problem[] {
  const problems: Problem[] = [];
  const password = value('MARIADB_PASSWORD') ?? '';
  const address = readDatabaseUrl(`mysql://bot:${password}@mariadb:3306/bot`);
  if (address?.dialect !== 'mysql' || address.host !== 'mariadb' || address.password !== password) {
    problems.push({
      name: 'MARIADB_PASSWORD',
      problem: 'MARIADB_PASSWORD has a sign with a meaning of its own in addresses, so the bot could not log in.',
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

/** Shorter secrets are easy to guess, and cannot be blacked out in logs without hiding ordinary words. */
export const LEAST_SECRET_LENGTH = 6;

/** Sentences about settings that work but are weak. */
export function findWeaknesses(settings: Omit<Settings, 'warnings'>): string[] {
  const weak = descriptors().flatMap(({ id, apps }) =>
    settings.apps[id].flatMap((app) => apps.weaknessesOf(app, settings)),
  );
  if (descriptors().every(({ id }) => settings.apps[id].length === 0)) {
    const ids = descriptors().flatMap(({ apps }) => Object.values(apps.fields)[0] ?? []);
    weak.push(`No platform is configured: every callback is rejected. Set ${ids.join(' or ')}.`);
  }
  if (settings.MODEL_BASE_URL !== undefined && settings.MODEL_NAME === undefined) {
    weak.push('MODEL_NAME is not set: the model server has to choose, and most refuse. Set MODEL_NAME.');
  }
  if (settings.PUBLIC_URL?.startsWith('http:')) {
    weak.push('PUBLIC_URL is not https: callbacks can be read and changed on their way. Put a TLS proxy in front.');
  }
  for (const name of settingNames()) {
    const value = settings[name];
    const isSecret = settingFacts(name).secret && typeof value === 'string';
    if (isSecret && value.length < LEAST_SECRET_LENGTH) {
      weak.push(`${name} is shorter than ${LEAST_SECRET_LENGTH} characters: easy to guess, and not hidden in logs.`);
    }
    if (isSecret && /[,;]$/.test(value)) {
      weak.push(
        `${name} ends with "${value.at(-1)}", as in a copied list or command. Remove it unless the secret has it.`,
      );
    }
  }
  return weak;
}
