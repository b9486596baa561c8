// Blacks out secrets in text: the known ones of this installation, and everything that has the shape of one.

export const REDACTED = '[redacted]';

/** Names whose text is never written, in camel case; they may be the last words of a longer name. */
const SECRET_NAMES = [
  ...['secret', 'password', 'passwd', 'pwd', 'passphrase', 'token', 'authorization', 'cookie', 'credential'],
  ...['credentials', 'webhook', 'webhookUrl', 'sign', 'signature', 'ticket'],
  ...['apiKey', 'aesKey', 'encryptKey', 'encodingKey', 'privateKey', 'accessKey', 'signingKey'],
];

const capitalised = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** One name as people and programs spell it: apiKey, ApiKey, api_key, api-key, api.key, apikey, API_KEY, Api-Key. */
function spellingsOfName(name: string): string[] {
  const lower = name.replace(/[A-Z]/g, (letter) => `[._-]?${letter.toLowerCase()}`);
  const title = capitalised(name).replace(/(?<=.)[A-Z]/g, (letter) => `[._-]?${letter}`);
  return [name, lower, title, lower.toUpperCase()];
}

/** Matches a secret name that starts a word, or a part of one as in `accessToken`; never the end of `design`. */
const NAME = `(?:(?<![A-Za-z])(?:${SECRET_NAMES.flatMap(spellingsOfName).join('|')})|(?<=[a-z\\d])(?:${SECRET_NAMES.map(capitalised).join('|')}))`;
const SECRET_NAME = new RegExp(`${NAME}(?=$|\\.)`);

/** Quantifiers are bounded wherever the start of a match is common, so that hostile text costs linear time. */
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
  // name=value, as in queries and forms, also inside another query; `session` is in DingTalk's session webhooks
  [new RegExp(`((?:${NAME}|(?<![A-Za-z])session)(?:=|%3[Dd]))[^&\\s"'<>]+`, 'g'), `$1${REDACTED}`],
  // name: value, as in headers and YAML, where the value has the shape of a key: words after a colon stay
  [new RegExp(`(${NAME}["']?\\s{0,4}:\\s{0,4}["']?)(?=[\\w.~+/=-]{0,99}\\d)[\\w.~+/=-]{16,}`, 'g'), `$1${REDACTED}`],
  // "name":"value", as in JSON, also when the JSON is itself inside a string
  [
    new RegExp(`(${NAME}\\\\{0,4}["']\\s{0,4}:\\s{0,4}\\\\{0,4}["'])(?:[^"'\\\\]|\\\\+[^"'\\\\])+`, 'g'),
    `$1${REDACTED}`,
  ],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * A secret as it may turn up: plain, in a URL by either way of writing it, in a form, inside JSON by either way. A URL
 * cannot hold a lone surrogate.
 */
function spellings(secret: string): string[] {
  const inUrl = encodeURIComponent(secret.toWellFormed());
  const inForm = new URLSearchParams({ '': secret }).toString().slice(1);
  const inJson = JSON.stringify(secret).slice(1, -1);
  const lower = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [secret, inUrl, lower(inUrl), inForm, lower(inForm), inJson, inJson.replaceAll('/', '\\/')];
}

/** Whether text under this field name, or below it, is a secret whatever it looks like. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** Text without any of these matches no shape; most values of a log line are such, and cost only this test. */
const TRIGGER =
  /=|%3D|["']\s{0,4}:|:\s{0,4}["']?[\w.~+/=-]{16}|:\/\/|hook\/|uthorization|ookie|earer\s|asic\s|eyJ|SEC|sk-|[tu]-|KEY-----/i;

/** A function that takes the given secrets, and all known shapes, out of a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.filter((secret) => secret !== '').flatMap(spellings))];
  known.sort((a, b) => b.length - a.length); // a secret that holds another one must go first
  const values = known.length === 0 ? undefined : new RegExp(known.map(escaped).join('|'), 'g');
  return (text) => {
    const hidden = values === undefined ? text : text.replace(values, REDACTED);
    if (!TRIGGER.test(hidden)) return hidden;
    return SHAPES.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), hidden);
  };
}
