// Cuts Markdown into parts that each read well alone: fences are closed and reopened, tables keep their header.
import { isBlank } from '../text.ts';
import { cutLine } from './cut-line.ts';
import { type Frame, type Line, scanLines } from './scan-lines.ts';

export interface SplitOptions {
  /** The largest part, as `measure` counts; at least 100. */
  maxBytes: number;
  /** Size of a text on the wire; that of a whole must not exceed the sum of its pieces'. Default: bytes of UTF-8. */
  measure?: (text: string) => number;
  /** The most tables in one part. Default: any number. */
  maxTables?: number;
}

interface Unit extends Line {
  size: number;
  /** The middle of a line too long for one part: it begins a part. */
  continues: boolean;
}

/** Cuts at a paragraph's end where one is near, else at a line's end; a line is torn only when it alone is too large. */
export function splitMarkdown(markdown: string, options: SplitOptions): string[] {
  const { maxBytes, measure = Buffer.byteLength, maxTables = Number.POSITIVE_INFINITY } = options;
  if (!(maxBytes >= 100)) throw new RangeError(`A part needs at least 100 bytes, not ${maxBytes}.`);
  const lineEnd = measure('\n');
  const sizeOf = (lines: string[]) => lines.reduce((sum, line) => sum + measure(line) + lineEnd, 0);
  const frames = createFrameSizes(sizeOf);
  const scanned = scanLines(markdown);
  const fits = (frame: Frame) => frames.of(frame).open + frames.of(frame).close <= maxBytes / 2;
  const open = scanned.open && fits(scanned.open) ? scanned.open : undefined;
  const lines = scanned.lines.map((line) =>
    line.inside && !fits(line.inside) ? { ...line, inside: undefined } : line,
  );
  const units: Unit[] = [];
  for (const line of lines) addUnits(units, line, { maxBytes, frames, lineEnd, measure });
  const parts: string[] = [];
  let start = 0;
  while (start < units.length) {
    if (isGap(units[start])) {
      start += 1;
      continue;
    }
    const end = findEnd(units, start, { maxBytes, frames, maxTables, open });
    parts.push(render(units, { start, end, open }));
    start = end;
  }
  return parts.filter((part) => !isBlank(part));
}

interface FrameSizes {
  of(frame: Frame): { open: number; close: number };
}

/** Each frame is measured once, because it may be as long as a part, and may hold as many lines. */
function createFrameSizes(sizeOf: (lines: string[]) => number): FrameSizes {
  const known = new Map<Frame, { open: number; close: number }>();
  return {
    of(frame) {
      const found = known.get(frame) ?? { open: sizeOf(frame.open), close: sizeOf(frame.close) };
      known.set(frame, found);
      return found;
    },
  };
}

interface Sizes {
  maxBytes: number;
  frames: FrameSizes;
  lineEnd: number;
  measure(text: string): number;
}

const NO_FRAME = { open: 0, close: 0 };

function addUnits(units: Unit[], line: Line, { maxBytes, frames, lineEnd, measure }: Sizes): void {
  const frame = line.inside ? frames.of(line.inside) : NO_FRAME;
  const room = maxBytes - frame.open - frame.close;
  const { text, inside, glued, opens, closes } = line;
  const size = measure(text) + lineEnd;
  if (size <= room) {
    units.push({ text, inside, glued, opens, closes, size, continues: false });
    return;
  }
  const pieces = cutLine(text, room - lineEnd, measure);
  for (const [index, piece] of pieces.entries()) {
    const begins = index === 0 ? opens : undefined;
    const own = { text: piece, glued: false, opens: begins, size: measure(piece) + lineEnd, continues: index > 0 };
    units.push({ ...own, inside, closes });
  }
}

/** A blank line that is not code. */
function isGap(unit: Unit | undefined): boolean {
  return unit !== undefined && unit.inside?.kind !== 'fence' && (unit.text === '' || unit.text.trim() === '');
}

interface Limits {
  maxBytes: number;
  maxTables: number;
  frames: FrameSizes;
  open: Frame | undefined;
}

/** Where the part that begins at `start` ends best: at its furthest, or before that at a gap or a loose line. */
function findEnd(units: readonly Unit[], start: number, limits: Limits): number {
  const end = findFurthest(units, start, limits);
  if (end === units.length || units[end]?.continues) return end;
  let spare = units.slice(start, end).reduce((total, { size }) => total + size, 0) / 2;
  for (let at = end; at > start && spare > 0; at -= 1) {
    if (isGap(units[at - 1])) return at;
    spare -= units[at - 1]?.size ?? 0;
  }
  let loose = end;
  while (loose > start && units[loose]?.glued) loose -= 1;
  return loose > start ? loose : end;
}

function findFurthest(units: readonly Unit[], start: number, { maxBytes, maxTables, frames, open }: Limits): number {
  const carried = units[start]?.inside;
  let size = carried ? frames.of(carried).open : 0;
  let tables = carried?.kind === 'table' ? 1 : 0;
  let end = start + 1;
  for (let at = start; at < units.length; at += 1) {
    size += units[at]?.size ?? 0;
    tables += units[at]?.opens === 'table' ? 1 : 0;
    if (at > start && (size > maxBytes || tables > maxTables || units[at]?.continues)) break;
    const torn = frameAt(units, at + 1, open);
    if (size + (torn ? frames.of(torn).close : 0) <= maxBytes) end = at + 1;
  }
  return end;
}

/** What a cut at `index` tears; at the end, the fence that was never closed. */
function frameAt(units: readonly Unit[], index: number, open: Frame | undefined): Frame | undefined {
  return index < units.length ? units[index]?.inside : open;
}

function render(units: readonly Unit[], span: { start: number; end: number; open: Frame | undefined }): string {
  const { start, end, open } = span;
  const carried = units[start]?.inside;
  const after = frameAt(units, end, open);
  const body = units.slice(start, end).map(({ text, inside }) => {
    const dedent = carried !== undefined && inside === carried && text.startsWith(carried.indent);
    return dedent && carried.kind === 'fence' ? text.slice(carried.indent.length) : text;
  });
  while (after === undefined && body.at(-1)?.trim() === '') body.pop();
  return [...(carried?.open ?? []), ...body, ...(after?.close ?? [])].join('\n');
}
