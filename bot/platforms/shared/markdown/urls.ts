// Finds bare web addresses in a text.
import { ASCII_END, isSpace, LETTER_T, tableOf } from './characters.ts';

const endsUrl = tableOf('<>[]`"|\\');
/** Punctuation behind an address, which ends a sentence or closes emphasis. */
const isTrailing = tableOf(`?!.,:;*_~)'`);

/** Returns true if the `h` at `at` begins `http://` or `https://`. */
export function isUrl(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) === LETTER_T && (text.startsWith('http://', at) || text.startsWith('https://', at));
}

/** Returns the end of the address at `at`, without the punctuation behind it. */
export function endOfUrl(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isUrlEnd(text.charCodeAt(end))) end += 1;
  while (isTrailing[text.charCodeAt(end - 1)] === 1 && !text.startsWith('://', end - 3)) end -= 1;
  return end;
}

function isUrlEnd(code: number): boolean {
  return code >= ASCII_END || endsUrl[code] === 1 || isSpace(code);
}
