// Rows of text as aligned columns.
import { printable } from '../../bot/telemetry/printable.ts';

/**
 * Returns one line per row, without control characters. Every column is as wide as its longest cell, with two spaces in
 * front.
 */
export function columns(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
