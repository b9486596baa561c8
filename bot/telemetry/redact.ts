// Redacts secrets in text: the known secrets of this installation, and text with the shape of a secret.

export const REDACTED = '[redacted]';

/** Names of fields with secret text, in camel case. They also match at the end of a longer name. */
const SECRET_NAMES = [
  ...['secret', 'password', 'passwd', 'pwd', 'passphrase', 'token', 'authorization', 'cookie', 'credential'],
  ...['credentials', 'webhook', 'webhookUrl', 'sign', 'signature', 'ticket'],
  ...['apiKey', 'aesKey', 'encryptKey', 'encodingKey', 'privateKey', 'accessKey', 'signingKey'],
];

const capitalised = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** Returns the spellings of a name: apiKey, ApiKey, api_key, api-key, api.key, apikey, API_KEY, Api-Key. */
function spellingsOfName(name: string): string[] {
  const lower = name.replace(/[A-Z]/g, (letter) => `[._-]?${letter.toLowerCase()}`);
  const title = capitalised(name).replace(/(?<=.)[A-Z]/g, (letter) => `[._-]?${letter}`);
  return [name, lower, title, lower.toUpperCase()];
}

/**
 * Matches a secret name at the start of a word, or as a part, as in `accessToken`. Does not match the end of `design`.
 */
const NAME = `(?:(?<![A-Za-z])(?:${SECRET_NAMES.flatMap(spellingsOfName).join('|')})|(?<=[a-z\\d])(?:${SECRET_NAMES.map(capitalised).join('|')}))`;
const SECRET_NAME = new RegExp(`${NAME}(?=$|\\.)`);

/**
 * Shapes of secrets. Quantifiers are bounded if the start of a match is frequent, so that hostile text costs linear
 * time.
 */
const SHAPES: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g, REDACTED],
  [/\b(Bearer)\s{1,4}[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b([Bb]asic)\s{1,4}(?=[A-Za-z0-9+/]{0,99}(?:[\d=]|[a-z][A-Z]))[A-Za-z0-9+/]{8,}=*/g, `$1 ${REDACTED}`],
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s{0,4}:\s{0,4}["']?)[^"'\r\n]+/gi, `$1$2${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, REDACTED],
  [/(?<![\w-])[tu]-(?=[\w.-]{0,40}\d)[\w.-]{16,}/g, REDACTED],
  [/\bSEC[0-9A-Za-z]{16,}/g, REDACTED],
  [/\bsk-[\w-]{16,}/g, REDACTED],
  [/(\/open-apis\/bot\/(?:v2\/)?hook\/)[\w-]+/g, `$1${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'<>]{1,256}@/gi, `$1${REDACTED}@`],
  // name=value, as in queries and forms, also inside another query. `session` is in DingTalk's session webhooks.
  [new RegExp(`((?:${NAME}|(?<![A-Za-z])session)(?:=|%3[Dd]))[^&\\s"'<>]+`, 'g'), `$1${REDACTED}`],
  // name: value, as in headers and YAML, where the value has the shape of a key. Other text behind a colon stays.
  [new RegExp(`(${NAME}["']?\\s{0,4}:\\s{0,4}["']?)(?=[\\w.~+/=-]{0,99}\\d)[\\w.~+/=-]{16,}`, 'g'), `$1${REDACTED}`],
  // "name":"value", as in JSON, also if the JSON is itself inside a string.
  [
    new RegExp(`(${NAME}\\\\{0,4}["']\\s{0,4}:\\s{0,4}\\\\{0,4}["'])(?:[^"'\\\\]|\\\\+[^"'\\\\])+`, 'g'),
    `$1${REDACTED}`,
  ],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Returns the spellings of a secret: plain, in a URL and in a form with either case of hexadecimal digits, and in JSON
 * with and without escaped slashes. A URL cannot contain a lone surrogate.
 */
function spellings(secret: string): string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [secret, inUrl, lower(inUrl), inForm, lower(inForm), inJson, inJson.replaceAll('/', '\\/')];
}

/** Returns true if any text in the field `name`, or in a field below it, is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** Text without a match has no shape of a secret. Most values of a log line need only this test. */
const TRIGGER =
  /=|%3D|["']\s{0,4}:|:\s{0,4}["']?[\w.~+/=-]{16}|:\/\/|hook\/|uthorization|ookie|earer\s|asic\s|eyJ|SEC|sk-|[tu]-|KEY-----/i;

/** Returns a function that redacts the given secrets, and all known shapes, in a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.filter((secret) => secret !== '').flatMap(spellings))];
  known.sort((a, b) => b.length - a.length); // a secret that contains another one must be replaced first
  const values = known.length === 0 ? undefined : new RegExp(known.map(escaped).join('|'), 'g');
  return (text) => {
    const hidden = values === undefined ? text : text.replace(values, REDACTED);
    if (!TRIGGER.test(hidden)) return hidden;
    return SHAPES.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), hidden);
  };
}
