// Markdown as plain text: what a reader sees where nothing is rendered.
import { type Paragraph, readBlocks } from './read-blocks.ts';
import { type Piece, scanInline } from './scan-inline.ts';
import { cellsOf, type Line } from './scan-lines.ts';

/** Marks go, text stays: links show their address, lists their items, tables their rows. Linear in the text. */
export function toPlainText(markdown: string): string {
  const shown: string[] = [];
  for (const block of readBlocks(markdown)) {
    if (block.kind === 'paragraph') shown.push(paragraph(block));
    else if (block.kind === 'row') shown.push(cellsOf(block.line.text).map(cell).join(' | '));
    else if (block.what === 'rule') shown.push('———');
    else if (block.what === 'code') shown.push(withoutIndent(block.line));
    else if (block.what === 'indented') shown.push(block.line.text);
    else if (block.what === 'blank') shown.push('');
  }
  return shown.join('\n').trim();
}

/** Text with none of these reads the same. */
const MARK = /[\\`*_~[<>#|=+-]|\r|\s\n/;
const USUAL_MARK = /[\\`*_~[#|]/;

/** Only shorter texts are worth to be rendered for nothing but the comparison. */
const MAX_COMPARED = 4_000;

/** Returns true if `markdown` reads the same with its marks taken away; of a long text, if it has no usual marks. */
export function isPlain(markdown: string): boolean {
  if (markdown.length > MAX_COMPARED) return !USUAL_MARK.test(markdown);
  return !MARK.test(markdown) || toPlainText(markdown) === markdown.trim();
}

function withoutIndent({ text, inside }: Line): string {
  return inside && text.startsWith(inside.indent) ? text.slice(inside.indent.length) : text;
}

function paragraph({ prefixes, text }: Paragraph): string {
  const [first = ''] = prefixes;
  const isHeading = first.includes('#');
  const lines = (isHeading ? withoutClosingMarks(text) : text).split('\n').map(withoutHardBreak).join('\n');
  return inline(lines)
    .split('\n')
    .map((line, index) => `${plainPrefix(prefixes[index] ?? '')}${line}`)
    .join('\n');
}

/** One sign for all lists, and a space behind each quote's mark; a heading has none. */
function plainPrefix(prefix: string): string {
  if (prefix === '') return '';
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
function withoutHardBreak(line: string, index: number, lines: readonly string[]): string {
  const text = line.trimEnd();
  const isLast = index === lines.length - 1;
  return !isLast && text.endsWith('\\') && !text.endsWith('\\\\') ? text.slice(0, -1) : text;
}

/** A bar behind a backslash is one also in code: https://github.github.com/gfm/#example-200 */
function cell(text: string): string {
  return inline(text.replaceAll('\\|', '|'));
}

function inline(text: string): string {
  const out: string[] = [];
  const links: Link[] = [];
  let length = 0;
  const put = (shown: string) => {
    if (shown === '') return;
    out.push(shown);
    length += shown.length;
  };
  for (const piece of scanInline(text)) {
    if (piece.kind === 'open' && piece.href !== undefined) {
      links.push({ href: piece.href, from: out.length, lengthBefore: length });
    } else if (piece.kind === 'close') {
      const link = links.pop();
      if (link) put(addressOf(link, out, length));
    } else put(shownOf(piece));
  }
  return out.join('');
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

function shownOf(piece: Piece): string {
  switch (piece.kind) {
    case 'run':
      return piece.raw.slice(piece.used);
    case 'code':
      return piece.text;
    case 'escape':
      return piece.raw.slice(1);
    case 'autolink':
      return piece.raw.slice(1, -1);
    default:
      return piece.raw;
  }
}
