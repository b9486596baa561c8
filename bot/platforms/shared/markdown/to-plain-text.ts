// Markdown as plain text: what a reader sees where nothing is rendered.
import { createMarkBudget, hasTooManyLines, type MarkBudget } from './budget.ts';
import type { Paragraph } from './paragraphs.ts';
import type { Piece } from './piece.ts';
import { type LineBlock, readBlocks } from './read-blocks.ts';
import { scanInline } from './scan-inline.ts';
import { cellsOf } from './table-cells.ts';

/** Text with none of these reads the same. */
const MARK = /[\\`*_~[<>#|=+-]|\r|\s\n/;
const USUAL_MARK = /[\\`*_~[#|]/;

/** Only shorter texts are worth to be rendered for nothing but the comparison. */
const MAX_COMPARED = 4_000;

/** Marks go, text stays: links show their address, lists their items, tables their rows. Linear in the text. */
export function toPlainText(markdown: string): string {
  if (hasTooManyLines(markdown)) return markdown.trim();
  const budget = createMarkBudget(markdown);
  const prefixOf = createPrefixes();
  const shown: string[] = [];
  for (const block of readBlocks(markdown)) {
    const text = block.kind === 'paragraph' ? paragraph(block, budget, prefixOf) : line(block, budget);
    if (text !== undefined) shown.push(text);
  }
  return shown.join('\n').trim();
}

/** Returns true if `markdown` reads the same with its marks taken away; of a long text, if it has no usual marks. */
export function isPlain(markdown: string): boolean {
  if (markdown.length > MAX_COMPARED) return !USUAL_MARK.test(markdown);
  return !MARK.test(markdown) || toPlainText(markdown) === markdown.trim();
}

/** Undefined for a line that only marks others. */
function line({ kind, text, indent }: LineBlock, budget: MarkBudget): string | undefined {
  switch (kind) {
    case 'row':
      return row(text, budget);
    case 'rule':
      return '———';
    case 'code':
      return indent !== '' && text.startsWith(indent) ? text.slice(indent.length) : text;
    case 'indented':
      return text;
    case 'blank':
      return '';
    default:
      return undefined;
  }
}

/** A bar behind a backslash is one also in code: https://github.github.com/gfm/#example-200 */
function row(text: string, budget: MarkBudget): string {
  return cellsOf(text)
    .map((cell) => inline(cell.includes('\\') ? cell.replaceAll('\\|', '|') : cell, budget))
    .join(' | ');
}

function paragraph({ prefixes, text }: Paragraph, budget: MarkBudget, prefixOf: (prefix: string) => string): string {
  const isHeading = prefixes.length > 0 && prefixes[0]?.includes('#');
  const lines = isHeading ? withoutClosingMarks(text) : text;
  const shown = inline(lines.includes('\n') ? withoutHardBreaks(lines) : lines.trimEnd(), budget);
  if (prefixes.length === 0) return shown;
  if (prefixes.length === 1) return prefixOf(prefixes[0] ?? '') + shown;
  return shown
    .split('\n')
    .map((each, index) => prefixOf(prefixes[index] ?? '') + each)
    .join('\n');
}

/** Most lines of an answer begin like others. */
function createPrefixes(): (prefix: string) => string {
  const known = new Map<string, string>();
  return (prefix) => {
    const shown = known.get(prefix) ?? plainPrefix(prefix);
    known.set(prefix, shown);
    return shown;
  };
}

/** One sign for all lists, and a space behind each quote's mark; a heading has none. */
function plainPrefix(prefix: string): string {
  return prefix
    .replace(/#{1,6}[ \t]*$/, '')
    .replaceAll(/[*+](?=[ \t]|$)/g, '-')
    .replaceAll(/>(?=[^ \t])/g, '> ');
}

/** A heading may end with number signs, too. */
function withoutClosingMarks(text: string): string {
  const end = text.trimEnd();
  let length = end.length;
  while (end[length - 1] === '#') length -= 1;
  return length === 0 || end[length - 1] === ' ' ? end.slice(0, length).trimEnd() : end;
}

/** Two spaces or a backslash at the end of a line stand for its end. */
function withoutHardBreaks(text: string): string {
  return text
    .split('\n')
    .map((line, index, lines) => {
      const shown = line.trimEnd();
      const isLast = index === lines.length - 1;
      return !isLast && shown.endsWith('\\') && !shown.endsWith('\\\\') ? shown.slice(0, -1) : shown;
    })
    .join('\n');
}

function inline(text: string, budget: MarkBudget): string {
  const pieces = scanInline(text, { isUnpaired: false }, budget) ?? [];
  if (pieces.length === 0) return text;
  const out: string[] = [];
  const links: Link[] = [];
  let length = 0;
  let from = 0;
  const put = (shown: string) => {
    if (shown === '') return;
    out.push(shown);
    length += shown.length;
  };
  const take = ({ at, end }: Piece) => {
    put(text.slice(from, at));
    from = end;
  };
  for (const piece of pieces) {
    const link = piece.kind === 'close' ? links.pop() : undefined;
    const shown = shownOf(text, piece);
    if (shown === undefined) continue;
    take(piece);
    if (piece.kind === 'open') links.push({ href: piece.href ?? '', from: out.length, lengthBefore: length });
    put(link ? addressOf(link, out, length) : shown);
  }
  put(text.slice(from));
  return out.join('');
}

/** Undefined for a piece that stays as it is. The address of a link stands behind its text. */
function shownOf(text: string, { kind, at, end, used, href }: Piece): string | undefined {
  switch (kind) {
    case 'open':
      return href === undefined ? undefined : '';
    case 'close':
      return '';
    case 'run':
      return used === 0 ? undefined : text.slice(at + used, end);
    case 'code':
      return withoutPadding(text.slice(at + used, end - used));
    case 'escape':
      return text.slice(at + 1, end);
    case 'autolink':
      return text.slice(at + 1, end - 1);
    default:
      return undefined;
  }
}

/** One space at each end of code is no part of it: https://spec.commonmark.org/0.31.2/#code-spans */
function withoutPadding(code: string): string {
  return code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code;
}

interface Link {
  href: string;
  /** Where its text begins in what is shown. */
  from: number;
  lengthBefore: number;
}

/** The address in brackets; alone where there is no text; not at all where the text is the address. */
function addressOf({ href, from, lengthBefore }: Link, out: readonly string[], lengthNow: number): string {
  const length = lengthNow - lengthBefore;
  if (length === 0 || href === '') return href;
  const scheme = href.length - length;
  if (scheme !== 0 && scheme !== 'http://'.length) return ` (${href})`;
  const text = out.slice(from).join('');
  const isSame = href === text || href === `mailto:${text}` || href === `http://${text}`;
  return isSame ? '' : ` (${href})`;
}
