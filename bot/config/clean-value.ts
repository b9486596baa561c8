// Removes the characters that editors, web pages and input methods add to a value.

/** Zero-width characters, bidirectional marks, byte order marks and soft hyphens. */
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Characters removed from prose. Keeps joiners, bidirectional marks and soft hyphens, which words and emoji need. */
const INVISIBLE_IN_PROSE = /[\u180e\u200b\u2060-\u2064\ufeff]/g;
/** Closing quotation marks by opening quotation mark. */
const QUOTES: Record<string, string> = {
  '“': '”“"',
  '”': '”“"',
  '‘': "’‘'",
  '’': "’‘'",
  '「': '」',
  '『': '』',
  '＂': '＂"',
  '＇': "＇'",
  '"': '”“＂"',
  "'": "’‘＇'",
};
const FANCY_QUOTE = /[“”‘’「」『』＂＇]/;

/** Removes invisible characters. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** Converts full-width characters (U+FF01 to U+FF5E) to ASCII, and ideographic commas to commas. */
export function withoutFullWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (character) => String.fromCodePoint(character.charCodeAt(0) - 0xfee0))
    .replaceAll('、', ',')
    .replace(/[\u00a0\u3000]/g, ' ');
}

/**
 * Removes invisible characters and surrounding quotation marks, and converts full-width characters. `prose` is text for
 * people or models and keeps its full-width characters. So does a `secret`.
 */
export function cleanValue(value: string, { prose = false, secret = false } = {}): string {
  const visible = value.replace(prose ? INVISIBLE_IN_PROSE : INVISIBLE, '').trim();
  const bare = withoutQuotes(visible);
  return prose || secret ? bare : withoutFullWidth(bare).trim();
}

/**
 * Removes a pair of quotation marks around the value. Straight quotation marks are included, because Docker's
 * `--env-file` keeps them: https://docs.docker.com/reference/cli/docker/container/run/#env (read 2026-11).
 */
function withoutQuotes(value: string): string {
  const [opening = ''] = value;
  const closing = QUOTES[opening];
  if (closing === undefined || value.length < 2 || !closing.includes(value.at(-1) ?? ' ')) return value;
  const inner = value.slice(1, -1).trim();
  return FANCY_QUOTE.test(inner) || inner.includes(opening) ? value : inner;
}

/** Returns true if one end has a typographic quotation mark. `cleanValue` keeps it if the other end has none. */
export function hasStrayQuote(value: string): boolean {
  return FANCY_QUOTE.test(value[0] ?? '') || FANCY_QUOTE.test(value.at(-1) ?? '');
}
