// The kinds of values a setting can have: how each is read from text, and the words that say what it accepts.
import { isIP } from 'node:net';
import { z } from 'zod';

/** What people need to know about a setting; everything generated from the table comes from here. */
export interface SettingFacts {
  group: string;
  doc: string;
  /** Completes the sentence "NAME must be …". */
  accepts: string;
  /** A value that works, for the error text and the settings page. */
  example: string;
  /** Never shown, never logged; may also come from a file named by `NAME_FILE`. */
  secret: boolean;
  /** Read by the compose file only: no part of the bot or the command line acts on it. */
  composeOnly: boolean;
  /** Commented out in `.env.example`: another part chooses when nothing is set. */
  leftOpen: boolean;
  /** Default in the profiles `lite` and `full`, where the other services run beside the bot. */
  composeDefault?: string;
}

type Given = Pick<SettingFacts, 'group' | 'doc'> & Partial<SettingFacts>;

const facts = (accepts: string, example: string, given: Given): { facts: SettingFacts } => ({
  facts: { accepts, example, secret: false, composeOnly: false, leftOpen: false, ...given },
});

/** Free text that must be there: has a default. */
export const text = (fallback: string, given: Given) =>
  z
    .string()
    .prefault(fallback)
    .meta(facts('a text', fallback, given));

/** Free text that may be missing. */
export const optionalText = (given: Given) =>
  z
    .string()
    .optional()
    .meta(facts('a text', 'abc', given));

/** People by platform and the platform's id, separated by commas; output is the list. */
export const people = (given: Given) =>
  z
    .string()
    .prefault('')
    .transform((value) =>
      value
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .refine((entries) => entries.every((entry) => /^(feishu|dingtalk):\S+$/.test(entry)))
    .meta(
      facts(
        'a list of feishu:<open_id> and dingtalk:<staff id>, separated by commas',
        'feishu:ou_a1,dingtalk:manager42',
        given,
      ),
    );

/** Text nobody may see; always optional. */
export const secret = (given: Given) =>
  z
    .string()
    .optional()
    .meta(facts('a secret text', '(secret)', { ...given, secret: true }));

/** A whole number between `min` and `max`, both allowed. */
export function whole(fallback: number, [min, max]: [number, number], given: Given) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .prefault(String(fallback))
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .meta(facts(`a whole number from ${min} to ${max}`, String(fallback), given));
}

export const port = (fallback: number, given: Given) => whole(fallback, [0, 65_535], given);

/** One of a closed set of words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T, fallback: T[number], given: Given) {
  // prefault takes the input type of the enum, which TypeScript cannot narrow through the generic.
  return z
    .enum(words)
    .prefault(fallback as never)
    .meta(facts(`one of ${words.join(', ')}`, fallback, given));
}

const withoutTrailingSlash = (value: string): string => value.replace(/\/+$/, '');

function isUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).hostname !== '';
}

const httpUrl = () =>
  z
    .string()
    .refine((value) => isUrl(value, ['http:', 'https:']))
    .transform(withoutTrailingSlash);
const URL_WORDS = 'a URL that starts with http:// or https://';

/** Base URL without a slash at its end. */
export const url = (fallback: string, given: Given) =>
  httpUrl()
    .prefault(fallback)
    .meta(facts(URL_WORDS, fallback, given));

/** Base URL that may be missing. */
export const optionalUrl = (given: Given & { example: string }) =>
  httpUrl()
    .optional()
    .meta(facts(URL_WORDS, given.example, given));

/** Address of a group's robot, or the token at its end alone: people copy either. */
export const webhook = (given: Given & { example: string }) =>
  z
    .union([httpUrl(), z.string().regex(/^[\w-]{16,128}$/)])
    .optional()
    .meta(facts('a URL that starts with http:// or https://, or the token at its end', given.example, given));

/** `sqlite:<path>` or `mysql://user:password@host:port/database`. */
export const databaseUrl = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => /^sqlite:.+/.test(value) || (isUrl(value, ['mysql:']) && new URL(value).pathname.length > 1))
    .prefault(fallback)
    .meta(facts('sqlite:<path> or mysql://user:password@host:3306/database', fallback, { ...given, secret: true }));

const PROXY_WORDS = ['loopback', 'linklocal', 'uniquelocal'];

function isProxy(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return PROXY_WORDS.includes(entry) || (version !== 0 && isRange && rest.length === 0);
}

/** Whom to believe about a client's address: as Express reads it, without its "everybody". */
export const proxies = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => value.split(',').every((entry) => isProxy(entry.trim())))
    .prefault(fallback)
    .meta(facts(`a list of ${PROXY_WORDS.join(', ')}, addresses or ranges, separated by commas`, fallback, given));
