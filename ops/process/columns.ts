// Rows of text as aligned columns.
import { printable } from '../../bot/telemetry/printable.ts';

/**
 * Returns one line per row, without control characters. Every column is as wide as its longest cell, with two spaces in
 * front.
 */
export function columns(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(width(column))).join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
