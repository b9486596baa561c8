// Converts Markdown to plain text for places that render no Markdown.
import { createMarkBudget, hasTooManyLines, type MarkBudget } from './budget.ts';
import type { Paragraph } from './paragraphs.ts';
import type { Piece } from './piece.ts';
import { type LineBlock, readBlocks } from './read-blocks.ts';
import { scanInline } from './scan-inline.ts';
import { cellsOf } from './table-cells.ts';

/** Text without a match is its own plain text. */
const MARK = /[\\`*_~[<>#|=+-]|\r|\s\n/;
const USUAL_MARK = /[\\`*_~[#|]/;

/** Maximum length of a text that `isPlain` renders for a comparison, in characters. */
const MAX_COMPARED = 4_000;

/** Removes the marks. Links show their address, lists their items, tables their rows. Linear in the text. */
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

/** Returns true if `markdown` equals its plain text. A long text is only checked for usual marks. */
export function isPlain(markdown: string): boolean {
  if (markdown.length > MAX_COMPARED) return !USUAL_MARK.test(markdown);
  return !MARK.test(markdown) || toPlainText(markdown) === markdown.trim();
}

/** Returns the text to show for a line, or undefined for a line that is only a mark, such as a fence. */
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

/** Unescapes bars, which are escaped in code too: https://github.github.com/gfm/#example-200 */
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

/** Caches the plain prefixes, because most lines of an answer begin alike. */
function createPrefixes(): (prefix: string) => string {
  const known = new Map<string, string>();
  return (prefix) => {
    const shown = known.get(prefix) ?? plainPrefix(prefix);
    known.set(prefix, shown);
    return shown;
  };
}

/** Removes the marks of headings, uses `-` for all bullet lists, and adds a space behind each mark of a quote. */
function plainPrefix(prefix: string): string {
  return prefix
    .replace(/#{1,6}[ \t]*$/, '')
    .replaceAll(/[*+](?=[ \t]|$)/g, '-')
    .replaceAll(/>(?=[^ \t])/g, '> ');
}

/** Removes number signs at the end of a heading. */
function withoutClosingMarks(text: string): string {
  const end = text.trimEnd();
  let length = end.length;
  while (end[length - 1] === '#') length -= 1;
  return length === 0 || end[length - 1] === ' ' ? end.slice(0, length).trimEnd() : end;
}

/** Removes the marks of hard line breaks: two spaces or a backslash at the end of a line. */
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
  const links: OpenLink[] = [];
  let length = 0;
  let from = 0;
  const put = (shown: string) => {
    if (shown === '') return;
    out.push(shown);
    length += shown.length;
  };
  const skipPiece = ({ at, end }: Piece) => {
    put(text.slice(from, at));
    from = end;
  };
  for (const piece of pieces) {
    const link = piece.kind === 'close' ? links.pop() : undefined;
    const shown = shownOf(text, piece);
    if (shown === undefined) continue;
    skipPiece(piece);
    if (piece.kind === 'open') links.push({ href: piece.href ?? '', from: out.length, lengthBefore: length });
    put(link ? addressOf(link, out, length) : shown);
  }
  put(text.slice(from));
  return out.join('');
}

/**
 * Returns the text to show for a piece, or undefined if the piece stays unchanged. A link's address follows at its end.
 */
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

/** Removes one space at each end of code: https://spec.commonmark.org/0.31.2/#code-spans */
function withoutPadding(code: string): string {
  return code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code;
}

interface OpenLink {
  href: string;
  /** Index in `out` at which the link's text begins. */
  from: number;
  /** Length of the shown text before the link. */
  lengthBefore: number;
}

/** Returns the address in brackets. Without brackets if the link has no text, and empty if the text is the address. */
function addressOf({ href, from, lengthBefore }: OpenLink, out: readonly string[], lengthNow: number): string {
  const length = lengthNow - lengthBefore;
  if (length === 0 || href === '') return href;
  const scheme = href.length - length;
  if (scheme !== 0 && scheme !== 'http://'.length) return ` (${href})`;
  const text = out.slice(from).join('');
  const isSame = href === text || href === `mailto:${text}` || href === `http://${text}`;
  return isSame ? '' : ` (${href})`;
}
