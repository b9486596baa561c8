// Markdown as models write it, in the subset that DingTalk shows.
import { cellsOf, type Line, scanLines } from '../markdown/scan-lines.ts';

/**
 * The platform's page promises headings, quotes, bold, italic, links, pictures and lists. So a table becomes a list,
 * an item per row, and the end of a line becomes a hard break, since alone it would be shown as a blank. Fences of
 * code are not promised, yet today's clients show them; they stay untouched, because code must stay fit to be copied.
 */
export function toDialect(markdown: string): string {
  const { lines } = scanLines(markdown);
  return lines
    .flatMap((line, index) =>
      line.opens === 'table' || isRow(line) ? tableAt(lines, index) : [withBreak(line, lines[index + 1])],
    )
    .join('\n');
}

function isRow(line: Line | undefined): boolean {
  return line?.inside?.kind === 'table';
}

function withBreak({ text, inside, opens }: Line, next: Line | undefined): string {
  const code = inside?.kind === 'fence' || opens === 'fence';
  const last = next === undefined || next.opens !== undefined || isBlankLine(next);
  return code || last || text.trim() === '' ? text : `${text.trimEnd()}  `;
}

/** The whole table at its first line, nothing at the others. */
function tableAt(lines: readonly Line[], index: number): string[] {
  const header = lines[index];
  if (header?.opens !== 'table') return [];
  let end = index + 1;
  while (isRow(lines[end])) end += 1;
  const rows = lines.slice(index + 1, end);
  const next = lines[end];
  const list = listOf(
    cellsOf(header.text),
    rows.slice(1).map(({ text }) => cellsOf(text)),
  );
  // Text that follows at once would belong to the last item.
  return next === undefined || isBlankLine(next) ? list : [...list, ''];
}

function isBlankLine({ text }: Line): boolean {
  return text.trim() === '';
}

/** The header stands first when there is nothing below one of its names. */
function listOf(names: readonly string[], rows: readonly string[][]): string[] {
  const items = rows.map((cells) => cells.flatMap((cell, column) => named(names[column] ?? '', cell)).join('; '));
  const filled = new Set(rows.flatMap((cells) => cells.flatMap((cell, column) => (cell === '' ? [] : [column]))));
  const isWhole = rows.length > 0 && names.every((name, column) => name === '' || filled.has(column));
  return (isWhole ? items : [names.join(' / '), ...items]).map((item) => `- ${item.replaceAll('\\|', '|')}`);
}

function named(name: string, cell: string): string[] {
  if (cell === '') return [];
  return [name === '' ? cell : `**${name.replaceAll('**', '')}**: ${cell}`];
}
