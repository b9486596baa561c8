// Scans Markdown by lines for code fences and tables, so that a part can close and reopen them at a cut.
import { skipBlanks } from './characters.ts';
import { countCells } from './table-cells.ts';

/** A code fence or a table that a cut would split. `open` begins the next part, `close` ends the previous one. */
export interface MarkdownFrame {
  kind: 'fence' | 'table';
  open: string[];
  close: string[];
  /** Indentation of every line of a fence in a list. It is removed in a part without the list. */
  indent: string;
  /** Backticks or tildes of the fence. */
  marker: string;
}

/** Position of a line relative to frames. Lines with equal positions share one object. */
export interface LinePlace {
  /** Frame that a cut before this line would split. */
  inside: MarkdownFrame | undefined;
  /** True if no cut should precede the line: a fence's end and first line, a table's delimiter row and first row. */
  glued: boolean;
  /** Kind of the frame that begins at this line. */
  opens: MarkdownFrame['kind'] | undefined;
  /** True if the line ends a fence. */
  closes: boolean;
}

export interface ScannedLines {
  /** The Markdown with every line end replaced by `\n`. */
  text: string;
  texts: string[];
  /** One per line of `texts`. */
  places: LinePlace[];
  /** Fence that is still open at the end. */
  open: MarkdownFrame | undefined;
}

export const OUTSIDE: LinePlace = { inside: undefined, glued: false, opens: undefined, closes: false };
const BEGINS = {
  fence: { ...OUTSIDE, opens: 'fence' },
  table: { ...OUTSIDE, opens: 'table' },
} as const satisfies Record<string, LinePlace>;

const FENCE = /^([ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const RULER = /^[\s|:-]+$/;
const RULER_CELLS = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/;

/** Splits Markdown into lines, and returns the place of each line. */
export function scanLines(markdown: string): ScannedLines {
  const text = markdown.includes('\r') ? markdown.replaceAll(/\r\n?/g, '\n') : markdown;
  const texts = text.split('\n');
  const hasFences = mayHaveFences(text);
  // Most answers have neither fences nor tables, and checking each line is the most expensive step.
  if (!hasFences && !text.includes('|')) {
    return { text, texts, places: new Array<LinePlace>(texts.length).fill(OUTSIDE), open: undefined };
  }
  const places: LinePlace[] = [];
  let frame: MarkdownFrame | undefined;
  for (let index = 0; index < texts.length; index += 1) {
    const before = frame;
    frame = frameAfter(before, texts, { index, hasFences });
    places.push(placeOf(before, frame, places));
  }
  return { text, texts, places, open: frame?.kind === 'fence' ? frame : undefined };
}

/** Returns false if no line can begin or end a fence. */
export function mayHaveFences(markdown: string): boolean {
  return markdown.includes('```') || markdown.includes('~~~');
}

function frameAfter(
  before: MarkdownFrame | undefined,
  texts: readonly string[],
  { index, hasFences }: { index: number; hasFences: boolean },
): MarkdownFrame | undefined {
  const text = texts[index] ?? '';
  if (before?.kind === 'fence') return isEndOf(before, text) ? undefined : before;
  const fence = hasFences ? openFence(text) : undefined;
  if (fence) return fence;
  if (before) return text.trim() === '' ? undefined : before;
  return text.includes('|') ? openTable(text, texts[index + 1]) : undefined;
}

function placeOf(
  before: MarkdownFrame | undefined,
  frame: MarkdownFrame | undefined,
  places: readonly LinePlace[],
): LinePlace {
  const inside = before?.kind === 'fence' || before === frame ? before : undefined;
  if (inside === undefined) return frame === undefined ? OUTSIDE : BEGINS[frame.kind];
  const last = places.at(-1);
  const closes = frame === undefined;
  const glued = closes || last?.opens !== undefined || places.at(-2)?.opens === 'table';
  const isSame = last?.inside === inside && last.glued === glued && !closes;
  return isSame ? last : { inside, glued, opens: undefined, closes };
}

function openFence(text: string): MarkdownFrame | undefined {
  if (!mayHaveFences(text)) return undefined;
  const [, prefix = '', marker = '', info = ''] = FENCE.exec(text) ?? [];
  if (marker === '') return undefined;
  // A reopened fence keeps the marks of a quote. A fence of a list is reopened at the margin.
  const margin = prefix.includes('>') ? prefix : '';
  const indent = ' '.repeat(prefix.length - margin.length);
  return { kind: 'fence', open: [`${margin}${marker}${info}`], close: [`${margin}${marker}`], indent, marker };
}

/** Returns true if `text` ends the fence: marks of quotes, then a marker at least as long as the opening one. */
function isEndOf({ marker }: MarkdownFrame, text: string): boolean {
  let at = skipBlanks(text, 0);
  while (text[at] === '>') at = skipBlanks(text, at + 1);
  if (!text.startsWith(marker, at)) return false;
  const found = text.slice(at).trimEnd();
  return found === marker || found === marker.charAt(0).repeat(found.length);
}

function openTable(header: string, ruler = ''): MarkdownFrame | undefined {
  if (!RULER.test(ruler) || !RULER_CELLS.test(ruler.trim())) return undefined;
  if (countCells(ruler) !== countCells(header)) return undefined;
  return { kind: 'table', open: [header, ruler], close: [], indent: '', marker: '' };
}
