// Blacks out secrets in text: the known ones of this installation, and everything that has the shape of one.

export const REDACTED = '[redacted]';

/** Last words of field names whose text is never written. */
const SECRET_WORDS =
  'secret|password|passwd|pwd|passphrase|token|authorization|cookie|credentials?|webhook(?:[._-]?ur[il])?|sign|signature|ticket|(?:api|aes|encrypt|encoding|private|access|signing)[._-]?key';
const SECRET_NAME = new RegExp(`(?:^|[._-])(?:${SECRET_WORDS})(?=$|\\.)`, 'i');

/** Quantifiers are bounded wherever the start of a match is common, so that hostile text costs linear time. */
const SHAPES: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(Bearer)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b(Basic)\s+(?=[A-Za-z0-9+/]*[\d=])[A-Za-z0-9+/]{8,}=*/gi, `$1 ${REDACTED}`],
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*:\s*["']?)[^"'\r\n]+/gi, `$1$2${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, REDACTED],
  [/(?<![\w-])[tu]-(?=[\w.-]{0,40}\d)[\w.-]{16,}/g, REDACTED],
  [/\bSEC[0-9A-Za-z]{16,}/g, REDACTED],
  [/\bsk-[\w-]{16,}/g, REDACTED],
  [/(\/open-apis\/bot\/(?:v2\/)?hook\/)[\w-]+/g, `$1${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/"'<>]{1,256}@/gi, `$1${REDACTED}@`],
  // name=value, as in queries and forms
  [new RegExp(`(?<![A-Za-z])((?:[\\w-]{0,40}[_-])?(?:${SECRET_WORDS}|session)=)[^&\\s"'<>]+`, 'gi'), `$1${REDACTED}`],
  // "name":"value", as in JSON, also when the JSON is itself inside a string
  [
    new RegExp(`((?:[\\w-]{0,40}[_-])?(?:${SECRET_WORDS})\\\\{0,4}["']\\s{0,4}:\\s{0,4}\\\\{0,4}["'])[^"'\\\\]+`, 'gi'),
    `$1${REDACTED}`,
  ],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A secret as it may turn up: plain, in a URL, inside JSON. */
const spellings = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
];

/** Whether text under this field name is a secret whatever it looks like. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(/([a-z\d])([A-Z])/g, '$1_$2'));

/** A function that takes the given secrets, and all known shapes, out of a text. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.filter((secret) => secret !== '').flatMap(spellings))];
  known.sort((a, b) => b.length - a.length); // a secret that holds another one must go first
  const values = known.length === 0 ? undefined : new RegExp(known.map(escaped).join('|'), 'g');
  return (text) => {
    const hidden = values === undefined ? text : text.replace(values, REDACTED);
    return SHAPES.reduce((rest, [shape, replacement]) => rest.replace(shape, replacement), hidden);
  };
}
