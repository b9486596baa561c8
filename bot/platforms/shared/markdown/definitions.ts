// Recognises the address of a link reference definition, `[name]: address`.
import { ASCII_END, isSpace, LINE_END, skipBlanks, tableOf } from './characters.ts';

/** Maximum length of an address, in characters. Longer addresses are not read to their end. */
const WINDOW = 2_000;
const START = / {0,3}<?(?:https?:\/\/|mailto:)/iy;
const endsAddress = tableOf('`\\');

/**
 * Returns a function that checks the address at `at`, behind `]:`. It returns true if the address may be a link and is
 * alone on its line. Linear over all calls with growing `at`.
 */
export function createDefinitionReader(text: string): (at: number) => boolean {
  /** End of the last address, then end of the blanks behind it. */
  let addressEnd = -1;
  let end = -1;
  return (at) => {
    START.lastIndex = at;
    if (!START.test(text)) return false;
    if (START.lastIndex > addressEnd) {
      addressEnd = endOfAddress(text, START.lastIndex);
      end = skipBlanks(text, addressEnd);
    }
    return end >= Math.min(at + WINDOW, text.length) || text.charCodeAt(end) === LINE_END;
  };
}

function endOfAddress(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || (code < ASCII_END && endsAddress[code] === 1)) break;
    at += 1;
  }
  return at;
}
