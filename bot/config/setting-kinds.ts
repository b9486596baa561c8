// Defines the kinds of setting values. Each kind parses text and describes the texts that it accepts.
import { isIP } from 'node:net';
import { z } from 'zod';
import { readProxyUrl } from '../http-client/proxy-url.ts';
import { descriptors } from '../platforms/registry.ts';
import { isHost, withoutBrackets } from '../runtime/host-name.ts';
import { cleanValue } from './clean-value.ts';
import { readDatabaseUrl } from './database-url.ts';
import { readNoProxy } from './no-proxy.ts';
import { parsePerson } from './people.ts';
import { withoutPunctuation, withoutSeparator } from './punctuation.ts';

/** Documentation of a setting, from which `.env.example`, the settings page and error texts are generated. */
export interface SettingFacts {
  group: string;
  doc: string;
  /** Completes the sentence "NAME must be …". */
  accepts: string;
  /** A valid value, for error texts. */
  example: string;
  /** True if the value must not be shown or logged. It may also come from a file named by `NAME_FILE`. */
  secret: boolean;
  /** True if only the compose file reads the setting, and neither the bot nor the command line does. */
  composeOnly: boolean;
  /** True if the setting is commented out in `.env.example`, because another part chooses its default. */
  leftOpen: boolean;
  /** True for text for people or models, whose typographic characters are kept. */
  prose: boolean;
  /** Additional sentence for the error text. */
  advice?: string;
  /** Default in the profiles `lite` and `full`, in which the other services run next to the bot. */
  composeDefault?: string;
}

type Given = Pick<SettingFacts, 'group' | 'doc'> & Partial<SettingFacts>;

const facts = (accepts: string, example: string, given: Given): { facts: SettingFacts } => ({
  facts: { accepts, example, secret: false, composeOnly: false, leftOpen: false, prose: false, ...given },
});

/** Free text with a default. */
export const text = (fallback: string, given: Given) =>
  z
    .string()
    .prefault(fallback)
    .meta(facts('a text', fallback, given));

/** Path of a folder. Rejects `~` and `$HOME`: no shell expands them, so a folder of that name would be created. */
export const folder = (fallback: string, given: Given) =>
  z
    .string()
    .refine((path) => !/^[~$]/.test(path))
    .prefault(fallback)
    .meta(facts('the path of a folder, without ~ and $NAME', fallback, given));

/** Name of a time zone in the IANA database that Node.js contains. */
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

/** Optional free text. */
export const optionalText = (given: Given) =>
  z
    .string()
    .transform((value) => (given.prose ? value : withoutSeparator(value)))
    .optional()
    .meta(facts('a text', 'abc', given));

const personForms = (): string =>
  descriptors()
    .map(({ id, terms }) => `${id}:<${terms.userId}>`)
    .join(', ');

/** Returns one person of each platform, and one of the last platform with an organisation. */
function personExamples(): string {
  const people = descriptors().map(({ id, terms }) => `${id}:${terms.userIdExample}`);
  const full = descriptors().map(({ id, terms }) => `${id}:${terms.organisationExample}/${terms.userIdExample}`);
  return [...people, ...full.slice(-1)].join(',');
}

/** List of people for `parsePerson`, separated by commas. The output is an array of texts. */
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
        `a list of ${personForms()} and <platform>:<organisation>/<id>, separated by commas`,
        personExamples(),
        given,
      ),
    );

/** Optional secret text. */
export const secret = (given: Given) =>
  z
    .string()
    .optional()
    .meta(facts('a secret text', '(secret)', { ...given, secret: true }));

const WITHOUT_SPACES = /^[\x21-\x7e]+$/;

/** Optional secret of a platform or provider, sent in headers and bodies. Accepts a copied header with `Bearer`. */
export const token = (given: Given) =>
  z
    .string()
    .transform((value) => value.replace(/^Bearer\s+/i, ''))
    .pipe(z.string().regex(WITHOUT_SPACES))
    .optional()
    .meta(facts('a secret of ASCII letters, digits and punctuation', '(secret)', { ...given, secret: true }));

/** Optional identifier that a platform issues. */
export const id = (given: Given & { example: string }) =>
  z
    .string()
    .transform(withoutSeparator)
    .pipe(z.string().regex(WITHOUT_SPACES))
    .optional()
    .meta(facts('an identifier of ASCII letters, digits and punctuation', given.example, given));

/** Address to listen on. Accepts an IPv6 address in brackets. */
export const host = (fallback: string, given: Given) =>
  z
    .string()
    .transform(withoutBrackets)
    .refine(isHost)
    .prefault(fallback)
    .meta(
      facts('an IP address or a host name', fallback, {
        ...given,
        advice: 'Leave out http:// and the port; 0.0.0.0 or :: means every address of this machine.',
      }),
    );

/** Matches a site address of Caddy: `host`, `*.host`, `:port` and others. Rejects paths, even `/`. */
const SITE = /^(?:https?:\/\/)?(?:\*\.)?([^/:*]+|\[[^\]]+\])?(:\d{1,5})?$/i;

function isSite(address: string): boolean {
  const [, name, port] = SITE.exec(address) ?? [];
  return name === undefined ? port !== undefined : isHost(name) && !name.endsWith('.');
}

/** Addresses of a site in Caddy, separated by commas. The output is the first one without its scheme. */
export const site = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => value.split(/, */).every(isSite))
    .transform((value) => value.replace(/,.*/s, '').replace(/^https?:\/\//i, ''))
    .prefault(fallback)
    .meta(facts('a host name', fallback, { ...given, advice: 'Leave out https:// and everything after the name.' }));

/** Integer from `min` to `max`, inclusive. */
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

/** One of a closed set of values. */
export function choice<const T extends readonly [string, ...string[]]>(values: T, fallback: T[number], given: Given) {
  // TypeScript cannot derive the input type of the enum, which `prefault` expects, from the generic parameter.
  return z
    .enum(values)
    .prefault(fallback as never)
    .meta(facts(`one of ${values.join(', ')}`, fallback, given));
}

function isUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s/\\]\S*$/i.test(value) || !URL.canParse(value)) return false;
  const { hostname, port } = new URL(value);
  // If the scheme was pasted twice, as in http://https://host, the URL parser reads the second one as the host.
  return port !== '0' && isHost(hostname) && !/^https?$/.test(hostname);
}

/**
 * Returns true for a base URL. Rejects a query and a fragment, because paths are appended to the base. Rejects an `@`
 * in the path, because it shows that a `/` in the password ended the host.
 */
const isBaseUrl = (value: string): boolean =>
  isUrl(value) && !/[?#]/.test(value) && !new URL(value).pathname.includes('@');

/** Normalises a base URL. `end` matches the path of a request that is often copied along with the base. */
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
const URL_TEXT = 'a URL that starts with http:// or https://';
const URL_ADVICE = { advice: 'It has no ? or #.' };

/** Base URL with a default, without a trailing slash. */
export const url = (fallback: string, { end, ...given }: UrlGiven) =>
  baseUrl(end)
    .prefault(fallback)
    .meta(facts(URL_TEXT, fallback, { ...given, ...URL_ADVICE }));

/** Optional base URL, without a trailing slash. */
export const optionalUrl = ({ end, ...given }: UrlGiven & { example: string }) =>
  baseUrl(end)
    .optional()
    .meta(facts(URL_TEXT, given.example, { ...given, ...URL_ADVICE }));

/** Matches the request paths of the OpenAI-compatible interface. The bot appends them itself. */
const MODEL_PATH = /\/(chat\/completions|completions|embeddings|responses|models)$/;

/**
 * Returns the base URL of an OpenAI-compatible interface, or `undefined` if the text is no URL. Accepts the full URL of
 * a request.
 */
export function modelBaseUrl(value: string): string | undefined {
  const base = toBaseUrl(cleanValue(value), MODEL_PATH);
  return isBaseUrl(base) ? base : undefined;
}

/** Optional base URL of an OpenAI-compatible interface. */
export const modelUrl = (given: Given & { example: string }) => optionalUrl({ ...given, end: MODEL_PATH });

/** Optional address of a group robot. Accepts the token at its end alone, because either is often copied. */
export const webhook = (given: Given & { example: string }) =>
  z
    .string()
    .transform(withoutPunctuation)
    .pipe(z.union([z.string().refine(isUrl), z.string().regex(/^[\w-]{16,128}$/)]))
    .optional()
    .meta(facts('a URL that starts with http:// or https://, or the token at its end', given.example, given));

/** Database address: `sqlite:<path>` or `mysql://user:password@host:port/database`. */
export const databaseUrl = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => readDatabaseUrl(value) !== undefined)
    .prefault(fallback)
    .meta(
      facts('sqlite:<path> or mysql://user:password@host:3306/database', fallback, {
        ...given,
        secret: true,
        advice: 'Write / ? # of a password as %2F %3F %23. A path must not begin with ~ or $.',
      }),
    );

/** Optional address of an HTTP proxy. The output has the form that the proxy agents accept. */
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

/** Hosts that are requested without a proxy. The output has the form that `isInRange` and the proxy library accept. */
export const noProxy = (given: Given & { example: string }) =>
  z
    .string()
    .transform(readNoProxy)
    .optional()
    .meta(facts('a text', given.example, given));

const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

function isProxy(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= most);
  return NAMED_RANGES.includes(entry) || (version !== 0 && isRange && rest.length === 0);
}

/** Proxies whose forwarded addresses are trusted, in the syntax of Express. Rejects ranges of all addresses. */
export const proxies = (fallback: string, given: Given) =>
  z
    .string()
    .refine((value) => value.split(',').every((entry) => isProxy(entry.trim())))
    .prefault(fallback)
    .meta(facts(`a list of ${NAMED_RANGES.join(', ')}, addresses or ranges, separated by commas`, fallback, given));
