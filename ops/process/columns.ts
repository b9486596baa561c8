// Rows of text as aligned columns.

/** One line per row; every column as wide as its longest cell, two spaces between, two in front. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(width(column))).join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
