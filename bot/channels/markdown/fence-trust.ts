// Decides which lines every client reads as code. Clients differ on fences that are indented, quoted or nested.
import type { Line } from './scan-lines.ts';

const FENCE_LIKE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})/;
const ITEM = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+/;
/** Tildes, and fences behind the mark of a quote or an item: not every client knows them. */
const UNUSUAL = /^[ \t]*[^ \t`]/;

/** Behind text, only an item with the number 1 begins a list: https://spec.commonmark.org/0.31.2/#list-items */
const LATER_NUMBER = /^[ \t]*(?!0*1[.)])\d/;

/** To be called with each line in turn. False from the first line on that clients may read differently. */
export function createFenceTrust(): (line: Line) => boolean {
  let isSure = true;
  /** Columns of the text of the list item that a line here may belong to: the most, and the least. */
  let [most, surest] = [0, 0];
  let isAfterBlank = true;
  /** Columns that a line needs to stay in the fence. */
  let least = 0;

  function lookOutside(text: string, isOpening: boolean): boolean {
    const column = columnOf(text);
    if (isOpening) {
      least = most === 0 ? 0 : column;
      return column <= surest + 3 && !UNUSUAL.test(text);
    }
    const item = ITEM.exec(text)?.[0].length ?? 0;
    if (item > 0) beginItem(item, !isAfterBlank && column >= most && LATER_NUMBER.test(text));
    else {
      surest = Math.min(surest, column);
      // Behind a blank line it ends the item; behind text it can be more of its paragraph.
      if (isAfterBlank) most = surest;
    }
    return !FENCE_LIKE.test(text);
  }

  function beginItem(column: number, isMaybeText: boolean): void {
    most = column;
    if (!isMaybeText) surest = column;
  }

  return (line) => {
    const { text, inside, opens } = line;
    const isBlank = text.trim() === '';
    if (isSure && !isBlank) {
      isSure = inside?.kind === 'fence' ? staysInside(line, least) : lookOutside(text, opens === 'fence');
    }
    isAfterBlank = isBlank;
    return isSure;
  };
}

function staysInside({ text, closes }: Line, least: number): boolean {
  const column = columnOf(text);
  return column >= least && (closes ? column <= least + 3 && !UNUSUAL.test(text) : !FENCE_LIKE.test(text));
}

function columnOf(text: string): number {
  let column = 0;
  for (let index = 0; ; index += 1) {
    if (text[index] === ' ') column += 1;
    else if (text[index] === '\t') column += 4 - (column % 4);
    else return column;
  }
}
