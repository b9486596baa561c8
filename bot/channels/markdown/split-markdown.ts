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
  const sizeOf = (lines: string[]) => lines.reduce((sum, line) => sum + measure(`${line}\n`), 0);
  const scanned = scanLines(markdown);
  const fits = (frame: Frame) => sizeOf([...frame.open, ...frame.close]) <= maxBytes / 2;
  const open = scanned.open && fits(scanned.open) ? scanned.open : undefined;
  const lines = withoutLargeFrames(scanned.lines, fits);
  const units = lines.flatMap((line) => toUnits(line, { maxBytes, sizeOf, measure }));
  const parts: string[] = [];
  let start = 0;
  while (start < units.length) {
    if (isGap(units[start])) {
      start += 1;
      continue;
    }
    const end = findEnd(units, start, { maxBytes, sizeOf, maxTables, open });
    parts.push(render(units, { start, end, open }));
    start = end;
  }
  return parts.filter((part) => !isBlank(part));
}

/** A fence or a table's head that would fill half a part by itself is not repeated. */
function withoutLargeFrames(lines: Line[], fits: (frame: Frame) => boolean): Line[] {
  const kept = new Map<Frame, boolean>();
  return lines.map((line) => {
    if (!line.inside) return line;
    if (!kept.has(line.inside)) kept.set(line.inside, fits(line.inside));
    return kept.get(line.inside) ? line : { ...line, inside: undefined };
  });
}

type Sizes = { maxBytes: number; sizeOf(lines: string[]): number; measure(text: string): number };

function toUnits(line: Line, { maxBytes, sizeOf, measure }: Sizes): Unit[] {
  const frame = line.inside ? sizeOf([...line.inside.open, ...line.inside.close]) : 0;
  const room = maxBytes - frame;
  const size = sizeOf([line.text]);
  if (size <= room) return [{ ...line, size, continues: false }];
  return cutLine(line.text, room - measure('\n'), measure).map((text, index) => ({
    ...line,
    text,
    size: sizeOf([text]),
    glued: false,
    opens: index === 0 ? line.opens : undefined,
    continues: index > 0,
  }));
}

/** A blank line that is not code. */
function isGap(unit: Unit | undefined): boolean {
  return unit !== undefined && unit.inside?.kind !== 'fence' && unit.text.trim() === '';
}

interface Limits {
  maxBytes: number;
  maxTables: number;
  sizeOf(lines: string[]): number;
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

function findFurthest(units: readonly Unit[], start: number, { maxBytes, maxTables, sizeOf, open }: Limits): number {
  const carried = units[start]?.inside;
  let size = sizeOf(carried?.open ?? []);
  let tables = carried?.kind === 'table' ? 1 : 0;
  let end = start + 1;
  for (let at = start; at < units.length; at += 1) {
    size += units[at]?.size ?? 0;
    tables += units[at]?.opens === 'table' ? 1 : 0;
    if (at > start && (size > maxBytes || tables > maxTables || units[at]?.continues)) break;
    if (size + sizeOf(frameAt(units, at + 1, open)?.close ?? []) <= maxBytes) end = at + 1;
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
