// Decides which lines every client reads as code. Clients differ on fences that are indented, quoted or nested.
import { isOnlySpace, isSpace, SPACE, TAB, tableOf } from './characters.ts';
import type { Place } from './scan-lines.ts';

const FENCE_LIKE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})/;
const ITEM = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+/;
/** Tildes, and fences behind the mark of a quote or an item: not every client knows them. */
const UNUSUAL = /^[ \t]*[^ \t`]/;

/** Behind text, only an item with the number 1 begins a list: https://spec.commonmark.org/0.31.2/#list-items */
const LATER_NUMBER = /^[ \t]*(?!0*1[.)])\d/;

/** Characters that a line of `FENCE_LIKE` or `ITEM` may begin with, apart from spaces. */
const mayBeginFence = tableOf('>-*+0123456789`~');

/** To be called with each line in turn. False from the first line on that clients may read differently. */
export function createFenceTrust(): (text: string, place: Place) => boolean {
  let isSure = true;
  /** Columns of the text of the list item that a line here may belong to: the most, and the least. */
  let most = 0;
  let surest = 0;
  let isAfterBlank = true;
  /** Columns that a line needs to stay in the fence. */
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
      // Behind a blank line it ends the item; behind text it can be more of its paragraph.
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
