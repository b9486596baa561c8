// Markdown line by line: which lines stand in a code fence or a table, so that a cut can be mended.

/** What a cut would tear: `open` is repeated at the start of the next part, `close` ends the one before. */
export interface Frame {
  kind: 'fence' | 'table';
  open: string[];
  close: string[];
  /** Stands before every line of a fence in a list; it is left out where the list is. */
  indent: string;
  /** Backticks or tildes of a fence. */
  marker: string;
}

export interface Line {
  text: string;
  /** The frame that a cut before this line would tear. */
  inside: Frame | undefined;
  /** The line belongs to the one before it: a fence's end and first line, a table's ruler and first row. */
  glued: boolean;
  /** What begins here. */
  opens: Frame['kind'] | undefined;
  /** The line is the end of a fence. */
  closes: boolean;
}

const FENCE = /^([ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const RULER = /^[\s|:-]+$/;
const RULER_CELL = /^:?-+:?$/;

/** The lines of `markdown`, and the fence that its end leaves open. */
export function scanLines(markdown: string): { lines: Line[]; open: Frame | undefined } {
  const texts = linesOf(markdown);
  const lines: Line[] = [];
  // Most answers have neither, and looking at each line for them takes most of the time.
  if (!mayHaveFrames(markdown)) {
    for (const text of texts) lines.push({ text, inside: undefined, glued: false, opens: undefined, closes: false });
    return { lines, open: undefined };
  }
  let frame: Frame | undefined;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] ?? '';
    const before = frame;
    frame = frameAfter(before, text, texts[index + 1]);
    const inside = before?.kind === 'fence' || before === frame ? before : undefined;
    const glued = inside !== undefined && (frame === undefined || hangsOn(lines));
    const closes = before?.kind === 'fence' && frame === undefined;
    lines.push({ text, inside, glued, opens: frame === before ? undefined : frame?.kind, closes });
  }
  return { lines, open: frame?.kind === 'fence' ? frame : undefined };
}

function linesOf(markdown: string): string[] {
  return (markdown.includes('\r') ? markdown.replaceAll(/\r\n?/g, '\n') : markdown).split('\n');
}

function mayHaveFrames(markdown: string): boolean {
  return mayHaveFences(markdown) || markdown.includes('|');
}

/** False when no line can be the mark of a fence. */
export function mayHaveFences(markdown: string): boolean {
  return markdown.includes('```') || markdown.includes('~~~');
}

function frameAfter(before: Frame | undefined, text: string, next: string | undefined): Frame | undefined {
  if (before?.kind === 'fence') return closes(text, before) ? undefined : before;
  const fence = openFence(text);
  if (fence) return fence;
  return text.trim() === '' ? undefined : (before ?? openTable(text, next));
}

function hangsOn(lines: readonly Line[]): boolean {
  return lines.at(-1)?.opens !== undefined || lines.at(-2)?.opens === 'table';
}

function openFence(text: string): Frame | undefined {
  if (!mayHaveFences(text)) return undefined;
  const [, prefix = '', marker = '', info = ''] = FENCE.exec(text) ?? [];
  if (marker === '') return undefined;
  // In a quote the mark stays, also where the fence comes back; in a list the fence comes back at the margin.
  const margin = prefix.includes('>') ? prefix : '';
  const indent = ' '.repeat(prefix.length - margin.length);
  return { kind: 'fence', open: [`${margin}${marker}${info}`], close: [`${margin}${marker}`], indent, marker };
}

function closes(text: string, { marker }: Frame): boolean {
  const found = text.replace(/^[ \t>]*/, '').trimEnd();
  if (!found.startsWith(marker)) return false;
  return found === marker.charAt(0).repeat(found.length);
}

function openTable(header: string, ruler = ''): Frame | undefined {
  if (!header.includes('|')) return undefined;
  if (!RULER.test(ruler)) return undefined;
  const cells = cellsOf(ruler);
  const isTable = cells.every((cell) => RULER_CELL.test(cell)) && cells.length === cellsOf(header).length;
  return isTable ? { kind: 'table', open: [header, ruler], close: [], indent: '', marker: '' } : undefined;
}

/** The cells of a table's row; a bar behind a backslash is text. */
export function cellsOf(row: string): string[] {
  const inner = row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim());
}
