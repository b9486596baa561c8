// The kinds of values a setting can have: how each is read from text, and the words that say what it accepts.
import { isIP } from 'node:net';
import { z } from 'zod';
import { readProxyUrl } from '../http-client/proxy-url.ts';
import { isHost, withoutBrackets } from '../runtime/host-name.ts';
import { cleanValue } from './clean-value.ts';
import { readDatabaseUrl } from './database-url.ts';
import { readNoProxy } from './no-proxy.ts';
import { parsePerson } from './people.ts';
import { withoutPunctuation, withoutSeparator } from './punctuation.ts';

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
  /** Text for people or models: typographic signs in it are meant. */
  prose: boolean;
  /** One more sentence for the error text. */
  advice?: string;
  /** Default in the profiles `lite` and `full`, where the other services run beside the bot. */
  composeDefault?: string;
}

type Given = Pick<SettingFacts, 'group' | 'doc'> & Partial<SettingFacts>;

const facts = (accepts: string, example: string, given: Given): { facts: SettingFacts } => ({
  facts: { accepts, example, secret: false, composeOnly: false, leftOpen: false, prose: false, ...given },
});

/** Free text that must be there: has a default. */
export const text = (fallback: string, given: Given) =>
  z
    .string()
    .prefault(fallback)
    .meta(facts('a text', fallback, given));

/** Path of a folder. No shell reads it: a folder named `~` or `$HOME` would be made. */
export const folder = (fallback: string, given: Given) =>
  z
    .string()
    .refine((path) => !/^[~$]/.test(path))
    .prefault(fallback)
    .meta(facts('the path of a folder, without ~ and $NAME', fallback, given));

/** Name of a time zone of the IANA database, which Node.js brings along. */
export const timeZone = (fallback: string, given: Given) =>
  z
    .string()
    .refine((name) => name === fallback || isTimeZone(name))
    .prefault(fallback)
    .meta(facts('a time zone such as Asia/Shanghai or UTC', fallback, given));

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Free text that may be missing. */
export const optionalText = (given: Given) =>
  z
    .string()
    .transform((value) => (given.prose ? value : withoutSeparator(value)))
    .optional()
    .meta(facts('a text', 'abc', given));

/** People as `parsePerson` reads them, separated by commas; output is the list. */
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
    .refine((entries) => entries.every((entry) => parsePerson(entry) !== undefined))
    .meta(
      facts(
        'a list of feishu:<open_id>, dingtalk:<staff id> and <platform>:<organisation>/<id>, separated by commas',
        'feishu:ou_a1,dingtalk:manager42,dingtalk:dingcorp1/manager42',
        given,
      ),
    );

/** Text nobody may see; always optional. */
export const secret = (given: Given) =>
  z
    .string()
    .optional()
    .meta(facts('a secret text', '(secret)', { ...given, secret: true }));

const WITHOUT_SPACES = /^[\x21-\x7e]+$/;

/** Secret that travels in headers and bodies, as platforms and providers issue it, also from a copied header. */
export const token = (given: Given) =>
  z
    .string()
    .transform((value) => value.replace(/^Bearer\s+/i, ''))
    .pipe(z.string().regex(WITHOUT_SPACES))
    .optional()
    .meta(facts('a secret of ASCII letters, digits and signs', '(secret)', { ...given, secret: true }));

/** Identifier as a platform issues it. */
export const id = (given: Given & { example: string }) =>
  z
    .string()
    .transform(withoutSeparator)
    .pipe(z.string().regex(WITHOUT_SPACES))
    .optional()
    .meta(facts('a word of ASCII letters, digits and signs', given.example, given));

/** Address to listen at; an IPv6 address may stand in brackets. */
export const host = (fallback: string, given: Given) =>
  z
    .string()
    .transform(withoutBrackets)
    .refine(isHost)
    .prefault(fallback)
    .meta(
      facts('an IP address or a host name', fallback, {
        ...given,
        advice: 'Leave out http:// and the port; 0.0.0.0 or :: stands for every address of this machine.',
      }),
    );

/** `host`, `*.host`, `:port` and the like, as Caddy reads an address; an end such as `/` would be a path to match. */
const SITE = /^(?:https?:\/\/)?(?:\*\.)?([^/:*]+|\[[^\]]+\])?(:\d{1,5})?$/i;

function isSite(address: string): boolean {
  const [, name, port] = SITE.exec(address) ?? [];
  return name === undefined ? port !== undefined : isHost(name) && !name.endsWith('.');
}

/** Addresses of a site in Caddy, separated by commas; output is the first one without its scheme. */
export const site = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => value.split(/, */).every(isSite))
    .transform((value) => value.replace(/,.*/s, '').replace(/^https?:\/\//i, ''))
    .prefault(fallback)
    .meta(facts('a host name', fallback, { ...given, advice: 'Leave out https:// and everything behind the name.' }));

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

function isUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s/\\]\S*$/i.test(value) || !URL.canParse(value)) return false;
  const { hostname, port } = new URL(value);
  // http://https://host: the scheme pasted twice is a host to the parser.
  return port !== '0' && isHost(hostname) && !/^https?$/.test(hostname);
}

/**
 * Paths are appended to a base: behind a query or a fragment they would be lost. An `@` in the path means that a `/` of
 * a password ended the host.
 */
const isBaseUrl = (value: string): boolean =>
  isUrl(value) && !/[?#]/.test(value) && !new URL(value).pathname.includes('@');

/** `end` is the path of one request that people copy along with the base. */
function toBaseUrl(value: string, end: RegExp | undefined): string {
  const scheme = value.replace(/^https?:/i, (found) => found.toLowerCase());
  const base = withoutPunctuation(scheme).replace(/\/+$/, '');
  return end === undefined ? base : base.replace(end, '').replace(/\/+$/, '');
}

interface UrlGiven extends Given {
  end?: RegExp;
}

const baseUrl = (end: RegExp | undefined) =>
  z
    .string()
    .transform((value) => toBaseUrl(value, end))
    .refine(isBaseUrl);
const URL_WORDS = 'a URL that starts with http:// or https://';
const URL_ADVICE = { advice: 'It has no ? or #.' };

/** Base URL without a slash at its end. */
export const url = (fallback: string, { end, ...given }: UrlGiven) =>
  baseUrl(end)
    .prefault(fallback)
    .meta(facts(URL_WORDS, fallback, { ...given, ...URL_ADVICE }));

/** Base URL that may be missing. */
export const optionalUrl = ({ end, ...given }: UrlGiven & { example: string }) =>
  baseUrl(end)
    .optional()
    .meta(facts(URL_WORDS, given.example, { ...given, ...URL_ADVICE }));

/** Paths of the OpenAI-compatible interface, which the bot appends itself. */
const MODEL_PATH = /\/(chat\/completions|completions|embeddings|responses|models)$/;

/** The base of an OpenAI-compatible interface, also from the full URL of a request; `undefined` when it is no URL. */
export function modelBaseUrl(value: string): string | undefined {
  const base = toBaseUrl(cleanValue(value), MODEL_PATH);
  return isBaseUrl(base) ? base : undefined;
}

/** Base URL of an OpenAI-compatible interface that may be missing. */
export const modelUrl = (given: Given & { example: string }) => optionalUrl({ ...given, end: MODEL_PATH });

/** Address of a group's robot, or the token at its end alone: people copy either. */
export const webhook = (given: Given & { example: string }) =>
  z
    .string()
    .transform(withoutPunctuation)
    .pipe(z.union([z.string().refine(isUrl), z.string().regex(/^[\w-]{16,128}$/)]))
    .optional()
    .meta(facts('a URL that starts with http:// or https://, or the token at its end', given.example, given));

/** `sqlite:<path>` or `mysql://user:password@host:port/database`. */
export const databaseUrl = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => readDatabaseUrl(value) !== undefined)
    .prefault(fallback)
    .meta(
      facts('sqlite:<path> or mysql://user:password@host:3306/database', fallback, {
        ...given,
        secret: true,
        advice: 'Write / ? # of a password as %2F %3F %23. A path begins with neither ~ nor $.',
      }),
    );

/** Address of an HTTP proxy; output is what the proxy agents accept. */
export const proxy = (given: Given) =>
  z
    .string()
    .refine((value) => readProxyUrl(value) !== undefined)
    .transform((value) => readProxyUrl(value) ?? value)
    .optional()
    .meta(
      facts('the address of an HTTP proxy', 'http://proxy:3128', {
        ...given,
        secret: true,
        advice:
          'SOCKS proxies are not supported; most proxy programs also listen for HTTP. Write / ? # of a password as %2F %3F %23.',
      }),
    );

/** Hosts that are asked without a proxy; output is what `isInRange` and the library for proxies read. */
export const noProxy = (given: Given & { example: string }) =>
  z
    .string()
    .transform(readNoProxy)
    .optional()
    .meta(facts('a text', given.example, given));

const PROXY_WORDS = ['loopback', 'linklocal', 'uniquelocal'];

function isProxy(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  return PROXY_WORDS.includes(entry) || (version !== 0 && isRange && rest.length === 0);
}

/** Whom to believe about a client's address: as Express reads it, without its "everybody". */
export const proxies = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => value.split(',').every((entry) => isProxy(entry.trim())))
    .prefault(fallback)
    .meta(facts(`a list of ${PROXY_WORDS.join(', ')}, addresses or ranges, separated by commas`, fallback, given));
