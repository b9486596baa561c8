// Detects lines that some clients do not parse as code. Clients differ on fences that are indented, quoted or nested.
import { isOnlySpace, isSpace, SPACE, TAB, tableOf } from './characters.ts';
import type { LinePlace } from './scan-lines.ts';

const FENCE_LIKE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})/;
const ITEM = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+/;
/** Fences that some clients do not support: tildes, and fences behind the mark of a quote or an item. */
const UNUSUAL = /^[ \t]*[^ \t`]/;

/** Number other than 1. Such an item cannot interrupt a paragraph: https://spec.commonmark.org/0.31.2/#list-items */
const LATER_NUMBER = /^[ \t]*(?!0*1[.)])\d/;

/** First characters of lines that match `FENCE_LIKE` or `ITEM`, apart from spaces. */
const mayBeginFence = tableOf('>-*+0123456789`~');

/**
 * Returns a function to call with each line in order. It returns false from the first line that clients may parse
 * differently.
 */
export function createFenceTrust(): (text: string, place: LinePlace) => boolean {
  let isSure = true;
  /** Largest and smallest possible column of the text of the current list item. */
  let most = 0;
  let surest = 0;
  let isAfterBlank = true;
  /** Minimum indentation of a line inside the fence, in columns. */
  let least = 0;

  function isSureToOpen(text: string): boolean {
    const column = columnOf(text);
    least = most === 0 ? 0 : column;
    return column <= surest + 3 && !UNUSUAL.test(text);
  }

  function lookOutside(text: string): boolean {
    const column = columnOf(text);
    const isMarked = mayBeginWithFence(text);
    const item = isMarked ? (ITEM.exec(text)?.[0].length ?? 0) : 0;
    if (item > 0) beginItem(item, !isAfterBlank && column >= most && LATER_NUMBER.test(text));
    else {
      surest = Math.min(surest, column);
      // Behind a blank line this line ends the item. Behind text it can continue the item's paragraph.
      if (isAfterBlank) most = surest;
    }
    return !isMarked || !FENCE_LIKE.test(text);
  }

  function beginItem(column: number, isMaybeText: boolean): void {
    most = column;
    if (!isMaybeText) surest = column;
  }

  return (text, { inside, opens, closes }) => {
    const isBlank = isOnlySpace(text);
    if (isSure && !isBlank) {
      if (inside?.kind === 'fence') isSure = staysInside(text, closes, least);
      else isSure = opens === 'fence' ? isSureToOpen(text) : lookOutside(text);
    }
    isAfterBlank = isBlank;
    return isSure;
  };
}

function staysInside(text: string, closes: boolean, least: number): boolean {
  const column = columnOf(text);
  if (column < least) return false;
  return closes ? column <= least + 3 && !UNUSUAL.test(text) : !mayBeginWithFence(text) || !FENCE_LIKE.test(text);
}

function mayBeginWithFence(text: string): boolean {
  let at = 0;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return mayBeginFence[text.charCodeAt(at)] === 1;
}

function columnOf(text: string): number {
  let column = 0;
  for (let index = 0; ; index += 1) {
    const code = text.charCodeAt(index);
    if (code === SPACE) column += 1;
    else if (code === TAB) column += 4 - (column % 4);
    else return column;
  }
}
