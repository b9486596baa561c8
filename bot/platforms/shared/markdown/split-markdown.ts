// Splits Markdown into parts that are each valid alone: fences are closed and reopened, tables repeat their header.
import { isBlank } from '../text.ts';
import { hasTooManyLines } from './budget.ts';
import { isOnlySpace } from './characters.ts';
import { cutLine } from './cut-line.ts';
import { type LinePlace, type MarkdownFrame, OUTSIDE, scanLines } from './scan-lines.ts';

export interface SplitOptions {
  /** Maximum size of a part, as counted by `measure`; at least 100. */
  maxBytes: number;
  /** Size of a text on the wire. It must not exceed the sum of the sizes of its pieces. Default: bytes of UTF-8. */
  measure?: (text: string) => number;
  /** Maximum number of tables in one part. Default: no limit. */
  maxTables?: number;
}

/**
 * Cuts at the end of a paragraph if one is near, else at the end of a line. A line is cut only if it alone is too
 * large. Throws `RangeError` if `maxBytes` is less than 100.
 */
export function splitMarkdown(markdown: string, options: SplitOptions): string[] {
  const { maxBytes, measure = Buffer.byteLength, maxTables = Number.POSITIVE_INFINITY } = options;
  if (!(maxBytes >= 100)) throw new RangeError(`A part needs at least 100 bytes, not ${maxBytes}.`);
  // Such a text is shown as written, without frames, so it is only cut at line ends.
  if (hasTooManyLines(markdown)) {
    const pieces = cutLine(markdown, maxBytes, measure);
    return pieces.map((piece) => piece.trim()).filter((piece) => !isBlank(piece));
  }
  const units = unitsOf(markdown, maxBytes, measure);
  const parts: string[] = [];
  let start = 0;
  while (start < units.texts.length) {
    if (isGap(units, start)) {
      start += 1;
      continue;
    }
    const end = findEnd(units, start, { maxBytes, maxTables });
    parts.push(render(units, start, end));
    start = end;
  }
  return parts.filter((part) => !isBlank(part));
}

/** Lines, and pieces of lines too large for one part. One array per property, because long answers have many lines. */
interface Units {
  texts: string[];
  places: LinePlace[];
  sizes: number[];
  /** Indexes of units that continue a line. Each begins a part. */
  continuing: Set<number>;
  /** Fence that is still open at the end. */
  open: MarkdownFrame | undefined;
  frameSize(frame: MarkdownFrame): FrameSize;
}

interface FrameSize {
  open: number;
  close: number;
}

const NO_FRAME: FrameSize = { open: 0, close: 0 };

function unitsOf(markdown: string, maxBytes: number, measure: (text: string) => number): Units {
  const lineEnd = measure('\n');
  const frameSize = createFrameSizes((lines) => lines.reduce((sum, line) => sum + measure(line) + lineEnd, 0));
  const isRepeated = (frame: MarkdownFrame) => frameSize(frame).open + frameSize(frame).close <= maxBytes / 2;
  const { texts, places, open } = scanLines(markdown);
  const units: Units = {
    texts: [],
    places: [],
    sizes: [],
    continuing: new Set(),
    open: open && isRepeated(open) ? open : undefined,
    frameSize,
  };
  let before: LinePlace = OUTSIDE;
  let place: LinePlace = OUTSIDE;
  for (let index = 0; index < texts.length; index += 1) {
    const own = places[index] ?? OUTSIDE;
    if (own !== before) place = own.inside && !isRepeated(own.inside) ? { ...own, inside: undefined } : own;
    before = own;
    addLine(units, { text: texts[index] ?? '', place }, { maxBytes, lineEnd, measure });
  }
  return units;
}

/**
 * Measures each frame about once, because a frame may be as long as a part. Caches the last, because frames come in
 * order.
 */
function createFrameSizes(sizeOf: (lines: string[]) => number): (frame: MarkdownFrame) => FrameSize {
  let last: MarkdownFrame | undefined;
  let size = NO_FRAME;
  return (frame) => {
    if (frame !== last) size = { open: sizeOf(frame.open), close: sizeOf(frame.close) };
    last = frame;
    return size;
  };
}

interface LineSizes {
  maxBytes: number;
  lineEnd: number;
  measure(text: string): number;
}

function addLine(
  { texts, places, sizes, continuing, frameSize }: Units,
  { text, place }: { text: string; place: LinePlace },
  { maxBytes, lineEnd, measure }: LineSizes,
): void {
  const frame = place.inside ? frameSize(place.inside) : NO_FRAME;
  const room = maxBytes - frame.open - frame.close;
  // Every character needs at least one byte.
  const size = text.length < room ? measure(text) + lineEnd : room + 1;
  if (size <= room) {
    texts.push(text);
    places.push(place);
    sizes.push(size);
    return;
  }
  for (const [index, piece] of cutLine(text, room - lineEnd, measure).entries()) {
    if (index > 0) continuing.add(texts.length);
    texts.push(piece);
    places.push({ ...place, glued: false, opens: index === 0 ? place.opens : undefined });
    sizes.push(measure(piece) + lineEnd);
  }
}

/** Returns true for a blank line that is not code. */
function isGap({ texts, places }: Units, index: number): boolean {
  return places[index]?.inside?.kind !== 'fence' && isOnlySpace(texts[index] ?? '');
}

interface PartLimits {
  maxBytes: number;
  maxTables: number;
}

/**
 * Returns the best end of the part that begins at `start`: the furthest end, or before it a gap or a line not `glued`.
 */
function findEnd(units: Units, start: number, limits: PartLimits): number {
  const { texts, places, sizes, continuing } = units;
  const end = findFurthest(units, start, limits);
  if (end === texts.length || continuing.has(end)) return end;
  let spare = 0;
  for (let at = start; at < end; at += 1) spare += (sizes[at] ?? 0) / 2;
  for (let at = end; at > start && spare > 0; at -= 1) {
    if (isGap(units, at - 1)) return at;
    spare -= sizes[at - 1] ?? 0;
  }
  let loose = end;
  while (loose > start && places[loose]?.glued) loose -= 1;
  return loose > start ? loose : end;
}

function findFurthest(units: Units, start: number, { maxBytes, maxTables }: PartLimits): number {
  const { texts, places, sizes, continuing, frameSize } = units;
  const carried = places[start]?.inside;
  let size = carried ? frameSize(carried).open : 0;
  let tables = carried?.kind === 'table' ? 1 : 0;
  let end = start + 1;
  for (let at = start; at < texts.length; at += 1) {
    size += sizes[at] ?? 0;
    tables += places[at]?.opens === 'table' ? 1 : 0;
    if (at > start && (size > maxBytes || tables > maxTables || continuing.has(at))) break;
    const cut = frameAt(units, at + 1);
    if (size + (cut ? frameSize(cut).close : 0) <= maxBytes) end = at + 1;
  }
  return end;
}

/** Returns the frame that a cut at `index` splits; at the end of the text, the fence that was never closed. */
function frameAt({ texts, places, open }: Units, index: number): MarkdownFrame | undefined {
  return index < texts.length ? places[index]?.inside : open;
}

function render(units: Units, start: number, end: number): string {
  const carried = units.places[start]?.inside;
  const after = frameAt(units, end);
  const body = units.texts.slice(start, end);
  if (carried && carried.indent !== '') dedent(body, carried, units.places.slice(start, end));
  while (after === undefined && isOnlySpace(body.at(-1) ?? '-')) body.pop();
  if (carried || after) return [...(carried?.open ?? []), ...body, ...(after?.close ?? [])].join('\n');
  return body.join('\n');
}

/** Removes the indentation of a fence in a list, because its reopened mark is at the margin. */
function dedent(body: string[], carried: MarkdownFrame, places: readonly LinePlace[]): void {
  for (const [index, text] of body.entries()) {
    if (places[index]?.inside === carried && text.startsWith(carried.indent)) {
      body[index] = text.slice(carried.indent.length);
    }
  }
}
