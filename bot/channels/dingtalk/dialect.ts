// Markdown as models write it, in the subset that DingTalk shows.
import { cellsOf, type Line, scanLines } from '../markdown/scan-lines.ts';

/**
 * The platform's page promises headings, quotes, bold, italic, links, pictures and lists. So a table becomes a list,
 * an item per row, and the end of a line becomes a hard break, since alone it would be shown as a blank. Fences of
 * code are not promised, yet today's clients show them; they stay untouched, because code must stay fit to be copied.
 */
export function toDialect(markdown: string): string {
  const { lines } = scanLines(markdown);
  const names: NameBudget = { left: MAX_NAMES_CHARACTERS };
  return lines
    .flatMap((line, index) =>
      line.opens === 'table' || isRow(line) ? tableAt(lines, index, names) : [withBreak(line, lines[index + 1])],
    )
    .join('\n');
}

/**
 * Characters of an answer that may repeat the names of columns. A long name above thousands of rows would make one
 * answer thousands of messages.
 */
const MAX_NAMES_CHARACTERS = 40_000;

interface NameBudget {
  left: number;
}

function isRow(line: Line | undefined): boolean {
  return line?.inside?.kind === 'table';
}

/** A backslash at the end of a line is a hard break, too; before blanks it would be shown. In indented code it is text. */
const HARD_BREAK = /(?<!\\|^ {4}.*|^\t.*)\\$/;

function withBreak({ text, inside, opens }: Line, next: Line | undefined): string {
  const code = inside?.kind === 'fence' || opens === 'fence';
  const last = next === undefined || next.opens !== undefined || isBlankLine(next);
  return code || last || text.trim() === '' ? text : `${text.trimEnd().replace(HARD_BREAK, '')}  `;
}

/** The whole table at its first line, nothing at the others. */
function tableAt(lines: readonly Line[], index: number, names: NameBudget): string[] {
  const header = lines[index];
  if (header?.opens !== 'table') return [];
  let end = index + 1;
  while (isRow(lines[end])) end += 1;
  const rows = lines.slice(index + 1, end);
  const next = lines[end];
  const list = listOf(
    cellsOf(header.text),
    rows.slice(1).map(({ text }) => cellsOf(text)),
    names,
  );
  // Text that follows at once would belong to the last item.
  return next === undefined || isBlankLine(next) ? list : [...list, ''];
}

function isBlankLine({ text }: Line): boolean {
  return text.trim() === '';
}

/** The header stands first when there is nothing below one of its names, or when the names are not repeated. */
function listOf(names: readonly string[], rows: readonly string[][], budget: NameBudget): string[] {
  const filled = new Set(rows.flatMap((cells) => cells.flatMap((cell, column) => (cell === '' ? [] : [column]))));
  const isWhole = rows.length > 0 && names.every((name, column) => name === '' || filled.has(column));
  const needed = rows.length * names.reduce((sum, name) => sum + labelled(name).length, 0);
  const isNamed = needed <= budget.left;
  if (isNamed) budget.left -= needed;
  const items = rows.map((cells) =>
    cells.flatMap((cell, column) => named(isNamed ? (names[column] ?? '') : '', cell)).join('; '),
  );
  return (isWhole && isNamed ? items : [names.join(' / '), ...items]).map((item) => `- ${item.replaceAll('\\|', '|')}`);
}

function named(name: string, cell: string): string[] {
  return cell === '' ? [] : [`${labelled(name)}${cell}`];
}

function labelled(name: string): string {
  return name === '' ? '' : `**${name.replaceAll('**', '')}**: `;
}
