// Splits a table's row into cells. A bar behind a backslash is text.
import { BACKSLASH, BAR } from './characters.ts';

/** Returns the texts of the cells without the blanks around them. */
export function cellsOf(row: string): string[] {
  const inner = withoutOuterBars(row.trim());
  const cells: string[] = [];
  let start = 0;
  for (let end = nextBar(inner, 0); end < inner.length; end = nextBar(inner, start)) {
    cells.push(inner.slice(start, end).trim());
    start = end + 1;
  }
  cells.push(inner.slice(start).trim());
  return cells;
}

export function countCells(row: string): number {
  const inner = withoutOuterBars(row.trim());
  let count = 1;
  for (let at = nextBar(inner, 0); at < inner.length; at = nextBar(inner, at + 1)) count += 1;
  return count;
}

/** Returns the index of the first bar at or behind `from` that separates cells, or the length of `row`. */
export function nextBar(row: string, from: number): number {
  for (let at = row.indexOf('|', from); at !== -1; at = row.indexOf('|', at + 1)) {
    if (row.charCodeAt(at - 1) !== BACKSLASH) return at;
  }
  return row.length;
}

function withoutOuterBars(row: string): string {
  const start = row.charCodeAt(0) === BAR ? 1 : 0;
  const last = row.length - 1;
  const closes =
    last >= start && row.charCodeAt(last) === BAR && (last === start || row.charCodeAt(last - 1) !== BACKSLASH);
  return start === 0 && !closes ? row : row.slice(start, closes ? last : row.length);
}
