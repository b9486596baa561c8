// Markdown line by line: which lines stand in a code fence or a table, so that a cut can be mended.
import { skipBlanks } from './characters.ts';
import { countCells } from './table-cells.ts';

/** A code fence or a table that a cut would tear: `open` begins the next part, `close` ends the one before. */
export interface Frame {
  kind: 'fence' | 'table';
  open: string[];
  close: string[];
  /** Stands before every line of a fence in a list; it is left out where the list is. */
  indent: string;
  /** Backticks or tildes of a fence. */
  marker: string;
}

/** Place of a line in the frames. Lines with the same place share one object. */
export interface Place {
  /** The frame that a cut before this line would tear. */
  inside: Frame | undefined;
  /** The line belongs to the one before it: a fence's end and first line, a table's ruler and first row. */
  glued: boolean;
  /** Kind of the frame that begins here. */
  opens: Frame['kind'] | undefined;
  /** The line is the end of a fence. */
  closes: boolean;
}

export interface Lines {
  /** The Markdown with `\n` at the end of each line. */
  text: string;
  texts: string[];
  /** One per line. */
  places: Place[];
  /** The fence that the end leaves open. */
  open: Frame | undefined;
}

export const OUTSIDE: Place = { inside: undefined, glued: false, opens: undefined, closes: false };
const BEGINS = {
  fence: { ...OUTSIDE, opens: 'fence' },
  table: { ...OUTSIDE, opens: 'table' },
} as const satisfies Record<string, Place>;

const FENCE = /^([ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const RULER = /^[\s|:-]+$/;
const RULER_CELLS = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/;

export function scanLines(markdown: string): Lines {
  const text = markdown.includes('\r') ? markdown.replaceAll(/\r\n?/g, '\n') : markdown;
  const texts = text.split('\n');
  const hasFences = mayHaveFences(text);
  // Most answers have neither, and looking at each line for them takes most of the time.
  if (!hasFences && !text.includes('|')) {
    return { text, texts, places: new Array<Place>(texts.length).fill(OUTSIDE), open: undefined };
  }
  const places: Place[] = [];
  let frame: Frame | undefined;
  for (let index = 0; index < texts.length; index += 1) {
    const before = frame;
    frame = frameAfter(before, texts, { index, hasFences });
    places.push(placeOf(before, frame, places));
  }
  return { text, texts, places, open: frame?.kind === 'fence' ? frame : undefined };
}

/** Returns false when no line can be the mark of a fence. */
export function mayHaveFences(markdown: string): boolean {
  return markdown.includes('```') || markdown.includes('~~~');
}

function frameAfter(
  before: Frame | undefined,
  texts: readonly string[],
  { index, hasFences }: { index: number; hasFences: boolean },
): Frame | undefined {
  const text = texts[index] ?? '';
  if (before?.kind === 'fence') return isEndOf(before, text) ? undefined : before;
  const fence = hasFences ? openFence(text) : undefined;
  if (fence) return fence;
  if (before) return text.trim() === '' ? undefined : before;
  return text.includes('|') ? openTable(text, texts[index + 1]) : undefined;
}

function placeOf(before: Frame | undefined, frame: Frame | undefined, places: readonly Place[]): Place {
  const inside = before?.kind === 'fence' || before === frame ? before : undefined;
  if (inside === undefined) return frame === undefined ? OUTSIDE : BEGINS[frame.kind];
  const last = places.at(-1);
  const closes = frame === undefined;
  const glued = closes || last?.opens !== undefined || places.at(-2)?.opens === 'table';
  const isSame = last?.inside === inside && last.glued === glued && !closes;
  return isSame ? last : { inside, glued, opens: undefined, closes };
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

/** Marks of quotes before the end are its own; the end is as long as the beginning, or longer. */
function isEndOf({ marker }: Frame, text: string): boolean {
  let at = skipBlanks(text, 0);
  while (text[at] === '>') at = skipBlanks(text, at + 1);
  if (!text.startsWith(marker, at)) return false;
  const found = text.slice(at).trimEnd();
  return found === marker || found === marker.charAt(0).repeat(found.length);
}

function openTable(header: string, ruler = ''): Frame | undefined {
  if (!RULER.test(ruler) || !RULER_CELLS.test(ruler.trim())) return undefined;
  if (countCells(ruler) !== countCells(header)) return undefined;
  return { kind: 'table', open: [header, ruler], close: [], indent: '', marker: '' };
}
