// Computes the size of a text inside JSON, escaped once or twice, without building the JSON.
import { isBreakable } from './breakable.ts';
import { ASCII_END, SPACE } from './characters.ts';

const BREAK_BYTES = 3;
const SHORT_ESCAPES = '\b\t\n\f\r';

/** Bytes of each ASCII character by depth of escaping. */
const asciiSizes = { 1: sizesAt(1), 2: sizesAt(2) };

function sizesAt(depth: 1 | 2): Uint8Array {
  return Uint8Array.from({ length: ASCII_END }, (_, code) => {
    const character = String.fromCharCode(code);
    if (character === '"' || character === '\\') return depth * 2;
    if (code >= SPACE) return 1;
    return (SHORT_ESCAPES.includes(character) ? 1 : 5) + depth;
  });
}

/**
 * Returns the UTF-8 bytes of `text` in a JSON string (`depth` 1), or in JSON inside a JSON string (`depth` 2). Includes
 * a zero-width space behind each mark, because `toSafeMarkdown` may break the mark if the text is cut.
 */
export function wireSize(text: string, depth: 1 | 2): number {
  const sizes = asciiSizes[depth];
  let size = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= ASCII_END) size += unicodeSize(text, index, depth);
    else size += (sizes[code] ?? 0) + (isBreakable(code, text, index) ? BREAK_BYTES : 0);
  }
  return size;
}

/** Returns the size of a non-ASCII character. The first half of a surrogate pair counts for both halves. */
function unicodeSize(text: string, index: number, depth: 1 | 2): number {
  const code = text.charCodeAt(index);
  if (code < 0x800) return 2;
  if (code < 0xd800 || code > 0xdfff) return 3;
  if (code < 0xdc00) return isLow(text.charCodeAt(index + 1)) ? 4 : 5 + depth;
  return isHigh(text.charCodeAt(index - 1)) ? 0 : 5 + depth;
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
