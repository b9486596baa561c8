// Removes the signs that editors, web pages and input methods add to a value.

/** Zero-width, bidirectional and byte order marks, soft hyphens. */
const INVISIBLE = /[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Marks that belong to words or emoji of a longer text; only the others are removed from it. */
const INVISIBLE_IN_PROSE = /[\u180e\u200b\u2060-\u2064\ufeff]/g;
/** Opening quotation mark and what may close it. */
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

/** Text without invisible characters. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** Letters, digits and signs of the full-width forms (U+FF01 to U+FF5E) as ASCII; ideographic commas as commas. */
export function withoutFullWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) - 0xfee0))
    .replaceAll('、', ',')
    .replace(/[\u00a0\u3000]/g, ' ');
}

/** `prose` is text for people or models, in which such signs may be meant. */
export function cleanValue(value: string, { prose = false, secret = false } = {}): string {
  const visible = value.replace(prose ? INVISIBLE_IN_PROSE : INVISIBLE, '').trim();
  const bare = withoutQuotes(visible);
  return prose || secret ? bare : withoutFullWidth(bare).trim();
}

/**
 * Takes off a pair of quotation marks around the whole value. Docker's `--env-file` keeps straight ones, too:
 * https://docs.docker.com/reference/cli/docker/container/run/#env
 */
function withoutQuotes(value: string): string {
  const [opening = ''] = value;
  const closing = QUOTES[opening];
  if (closing === undefined || value.length < 2 || !closing.includes(value.at(-1) ?? ' ')) return value;
  const inner = value.slice(1, -1).trim();
  return FANCY_QUOTE.test(inner) || inner.includes(opening) ? value : inner;
}

/** A typographic quotation mark at one end, which `cleanValue` left because the other end has none. */
export function hasStrayQuote(value: string): boolean {
  return FANCY_QUOTE.test(value[0] ?? '') || FANCY_QUOTE.test(value.at(-1) ?? '');
}
