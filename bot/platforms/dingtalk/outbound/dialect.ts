// Converts Markdown of models to the subset that DingTalk supports.
import { hasTooManyLines } from '../../shared/markdown/budget.ts';
import { isOnlySpace } from '../../shared/markdown/characters.ts';
import { type LinePlace, OUTSIDE, type ScannedLines, scanLines } from '../../shared/markdown/scan-lines.ts';
import { cellsOf } from '../../shared/markdown/table-cells.ts';

/**
 * Converts tables to lists with an item per row, and line ends to hard breaks, because clients show a single line end
 * as a space. DingTalk documents headings, quotes, bold, italic, links, pictures and lists
 * (https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/robot-message-type.mdx`, read 2026-11). Code fences
 * are not documented but shown by current clients. They stay unchanged, so that code can be copied.
 */
export function toDialect(markdown: string): string {
  if (hasTooManyLines(markdown)) return markdown;
  const lines = scanLines(markdown);
  const { texts, places } = lines;
  const names: NameBudget = { left: MAX_NAMES_CHARACTERS };
  const shown: string[] = [];
  for (let index = 0; index < texts.length; index += 1) {
    if (places[index]?.opens === 'table') index = addTable(shown, lines, { index, names });
    else shown.push(withBreak(lines, index));
  }
  return shown.join('\n');
}

/**
 * Maximum number of characters of an answer for repeated column names. A long name above thousands of rows would turn
 * one answer into thousands of messages.
 */
const MAX_NAMES_CHARACTERS = 40_000;

interface NameBudget {
  left: number;
}

function isCode({ inside, opens }: LinePlace): boolean {
  return inside?.kind === 'fence' || opens === 'fence';
}

function withBreak({ texts, places }: ScannedLines, index: number): string {
  const text = texts[index] ?? '';
  const next = texts[index + 1];
  if (next === undefined || isOnlySpace(next) || isOnlySpace(text)) return text;
  if (isCode(places[index] ?? OUTSIDE) || places[index + 1]?.opens !== undefined) return text;
  return `${withoutHardBreak(text.trimEnd())}  `;
}

/**
 * Removes a backslash at the end of a line. It is a hard break too, but clients would show it before the added spaces.
 * In indented code it is text.
 */
function withoutHardBreak(text: string): string {
  const isBreak = text.endsWith('\\') && !text.endsWith('\\\\') && !text.startsWith('    ') && !text.startsWith('\t');
  return isBreak ? text.slice(0, -1) : text;
}

/** Shows the table that begins at `index` as a list. Returns the index of its last line. */
function addTable(
  shown: string[],
  { texts, places }: ScannedLines,
  { index, names }: { index: number; names: NameBudget },
): number {
  let end = index + 1;
  while (places[end]?.inside?.kind === 'table') end += 1;
  const rows = texts.slice(index + 2, end).map(cellsOf);
  for (const item of listOf(cellsOf(texts[index] ?? ''), rows, names)) shown.push(item);
  // Without an empty line, text directly after the table would belong to the last item.
  const next = texts[end];
  if (next !== undefined && !isOnlySpace(next)) shown.push('');
  return end - 1;
}

/** Returns one item per row. The header comes first if one of its columns is empty or its names are not repeated. */
function listOf(names: readonly string[], rows: readonly string[][], budget: NameBudget): string[] {
  const labels = names.map(labelOf);
  const needed = rows.length * labels.reduce((sum, label) => sum + label.length, 0);
  const isNamed = needed <= budget.left;
  if (isNamed) budget.left -= needed;
  const isFilled = (column: number) => rows.some((cells) => (cells[column] ?? '') !== '');
  const isComplete = rows.length > 0 && names.every((name, column) => name === '' || isFilled(column));
  const items = rows.map((cells) => labelledCells(cells, isNamed ? labels : []));
  return (isComplete && isNamed ? items : [names.join(' / '), ...items]).map(
    (item) => `- ${item.includes('\\') ? item.replaceAll('\\|', '|') : item}`,
  );
}

function labelledCells(cells: readonly string[], labels: readonly string[]): string {
  let shown = '';
  for (let column = 0; column < cells.length; column += 1) {
    const cell = cells[column] ?? '';
    if (cell !== '') shown += `${shown === '' ? '' : '; '}${labels[column] ?? ''}${cell}`;
  }
  return shown;
}

function labelOf(name: string): string {
  return name === '' ? '' : `**${name.replaceAll('**', '')}**: `;
}
