// Parses the JSON of a callback, and rejects deeply nested JSON before parsing.
import { parseJson } from '../../runtime/json.ts';

/** Maximum nesting. Real events, including posts and cards, nest about ten levels deep. */
const MAX_DEPTH = 64;

/** Returns an object or an array, or the reason to reject the body. */
export function parseBody(text: string): { json: object } | { reason: 'malformed_json' | 'malformed_event' } {
  if (isDeeperThan(text, MAX_DEPTH)) return { reason: 'malformed_event' };
  const json = parseJson(text);
  return typeof json === 'object' && json !== null ? { json } : { reason: 'malformed_json' };
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Returns true if `text` nests deeper than `levels`. Stops at the first such level. Ignores brackets inside strings.
 */
function isDeeperThan(text: string, levels: number): boolean {
  if (!hasMoreBracketsThan(text, levels)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/**
 * Returns true if `text` has more opening brackets than `brackets`, also counting those inside strings. It is a cheap
 * first check, because an ordinary event has about ten.
 */
function hasMoreBracketsThan(text: string, brackets: number): boolean {
  let found = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > brackets) return true;
    }
  }
  return false;
}

/** Returns the index of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at > 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
