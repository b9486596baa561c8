// Cuts Markdown into parts that each read well alone: fences are closed and reopened, tables keep their header.
import { isBlank } from '../text.ts';
import { hasTooManyLines } from './budget.ts';
import { isOnlySpace } from './characters.ts';
import { cutLine } from './cut-line.ts';
import { type Frame, OUTSIDE, type Place, scanLines } from './scan-lines.ts';

export interface SplitOptions {
  /** The largest part, as `measure` counts; at least 100. */
  maxBytes: number;
  /** Size of a text on the wire; that of a whole must not exceed the sum of its pieces'. Default: bytes of UTF-8. */
  measure?: (text: string) => number;
  /** The most tables in one part. Default: any number. */
  maxTables?: number;
}

/** Cuts at a paragraph's end where one is near, else at a line's end; a line is torn only when it alone is too large. */
export function splitMarkdown(markdown: string, options: SplitOptions): string[] {
  const { maxBytes, measure = Buffer.byteLength, maxTables = Number.POSITIVE_INFINITY } = options;
  if (!(maxBytes >= 100)) throw new RangeError(`A part needs at least 100 bytes, not ${maxBytes}.`);
  // Such a text has no frames to look after, only an end of a line to be cut at.
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

/** Lines, and pieces of lines too long for one part. One list for each fact, because long answers have many lines. */
interface Units {
  texts: string[];
  places: Place[];
  sizes: number[];
  /** Units that continue a line: they begin a part. */
  continuing: Set<number>;
  /** The fence that the end leaves open. */
  open: Frame | undefined;
  frameSize(frame: Frame): FrameSize;
}

interface FrameSize {
  open: number;
  close: number;
}

const NO_FRAME: FrameSize = { open: 0, close: 0 };

function unitsOf(markdown: string, maxBytes: number, measure: (text: string) => number): Units {
  const lineEnd = measure('\n');
  const frameSize = createFrameSizes((lines) => lines.reduce((sum, line) => sum + measure(line) + lineEnd, 0));
  const isRepeated = (frame: Frame) => frameSize(frame).open + frameSize(frame).close <= maxBytes / 2;
  const { texts, places, open } = scanLines(markdown);
  const units: Units = {
    texts: [],
    places: [],
    sizes: [],
    continuing: new Set(),
    open: open && isRepeated(open) ? open : undefined,
    frameSize,
  };
  let before: Place = OUTSIDE;
  let place: Place = OUTSIDE;
  for (let index = 0; index < texts.length; index += 1) {
    const own = places[index] ?? OUTSIDE;
    if (own !== before) place = own.inside && !isRepeated(own.inside) ? { ...own, inside: undefined } : own;
    before = own;
    addLine(units, { text: texts[index] ?? '', place }, { maxBytes, lineEnd, measure });
  }
  return units;
}

/** Each frame is measured about once, because it may be as long as a part. Frames come one after the other. */
function createFrameSizes(sizeOf: (lines: string[]) => number): (frame: Frame) => FrameSize {
  let last: Frame | undefined;
  let size = NO_FRAME;
  return (frame) => {
    if (frame !== last) size = { open: sizeOf(frame.open), close: sizeOf(frame.close) };
    last = frame;
    return size;
  };
}

interface Sizes {
  maxBytes: number;
  lineEnd: number;
  measure(text: string): number;
}

function addLine(
  { texts, places, sizes, continuing, frameSize }: Units,
  { text, place }: { text: string; place: Place },
  { maxBytes, lineEnd, measure }: Sizes,
): void {
  const frame = place.inside ? frameSize(place.inside) : NO_FRAME;
  const room = maxBytes - frame.open - frame.close;
  // Every character takes at least one byte.
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

/** A blank line that is not code. */
function isGap({ texts, places }: Units, index: number): boolean {
  return places[index]?.inside?.kind !== 'fence' && isOnlySpace(texts[index] ?? '');
}

interface Limits {
  maxBytes: number;
  maxTables: number;
}

/** Where the part that begins at `start` ends best: at its furthest, or before that at a gap or a loose line. */
function findEnd(units: Units, start: number, limits: Limits): number {
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

function findFurthest(units: Units, start: number, { maxBytes, maxTables }: Limits): number {
  const { texts, places, sizes, continuing, frameSize } = units;
  const carried = places[start]?.inside;
  let size = carried ? frameSize(carried).open : 0;
  let tables = carried?.kind === 'table' ? 1 : 0;
  let end = start + 1;
  for (let at = start; at < texts.length; at += 1) {
    size += sizes[at] ?? 0;
    tables += places[at]?.opens === 'table' ? 1 : 0;
    if (at > start && (size > maxBytes || tables > maxTables || continuing.has(at))) break;
    const torn = frameAt(units, at + 1);
    if (size + (torn ? frameSize(torn).close : 0) <= maxBytes) end = at + 1;
  }
  return end;
}

/** What a cut at `index` tears; at the end, the fence that was never closed. */
function frameAt({ texts, places, open }: Units, index: number): Frame | undefined {
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

/** A fence of a list comes back at the margin. */
function dedent(body: string[], carried: Frame, places: readonly Place[]): void {
  for (const [index, text] of body.entries()) {
    if (places[index]?.inside === carried && text.startsWith(carried.indent)) {
      body[index] = text.slice(carried.indent.length);
    }
  }
}
