// Rows of text as aligned columns.
import { printable } from '../../bot/telemetry/printable.ts';

/** One line per row, whatever the cells hold; every column as wide as its longest cell, two spaces between, two in front. */
export function columns(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(width(column))).join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
