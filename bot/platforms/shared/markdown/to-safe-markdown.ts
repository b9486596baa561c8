// Makes a model's Markdown safe to show: nothing loads, calls or acts by itself, and emphasis is recognised.
import { BREAK, hasMarks, isTagStart, withoutMarks } from './breakable.ts';
import { createMarkBudget, hasTooManyLines, type MarkBudget } from './budget.ts';
import { BRACKET, CLOSING_BRACKET, COLON, EXCLAMATION, LESS, PARENTHESIS } from './characters.ts';
import { createDefinitionReader } from './definitions.ts';
import type { Paragraph } from './paragraphs.ts';
import type { Piece } from './piece.ts';
import { type LineBlock, readBlocks } from './read-blocks.ts';
import { type CodeDoubt, scanInline } from './scan-inline.ts';
import { nextBar } from './table-cells.ts';
import { withoutActiveLinks, withoutMentions } from './targets.ts';

export interface SafeOptions {
  /** Inserts a space beside emphasis that touches Chinese punctuation. Default true. */
  spaces?: boolean;
}

/** Tags that only affect the appearance. Both platforms document `font` with a colour. */
const SAFE_TAG = /<(?:\/?(?:b|strong|i|em|u|s|del|sub|sup|br|hr|font)|br ?\/|font color=['"]?[#\w-]{1,30}['"]?)>/iy;

interface RenderContext {
  doubt: CodeDoubt;
  budget: MarkBudget;
  spaces: boolean;
  isRuled: boolean;
}

/**
 * Returns Markdown that is safe to show. Images become links, because clients load images without a click. Only http,
 * https and mailto links stay. Other links become text, as do all HTML tags except a few. Code stays unchanged if all
 * clients parse it as code. Linear in the text.
 *
 * Feishu requires spaces around emphasis that it would not recognise otherwise ("请确保加粗语法前后保留一个空格":
 * https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/rich-text, read 2026-11).
 */
export function toSafeMarkdown(markdown: string, { spaces = true }: SafeOptions = {}): string {
  if (!hasMarks(markdown) && !(spaces && /[*_]|~~/.test(markdown))) return withoutMentions(markdown);
  if (hasTooManyLines(markdown)) return withoutMentions(withoutMarks(markdown));
  const budget = createMarkBudget(markdown);
  let doubt: CodeDoubt = { isUnpaired: false };
  const shown: string[] = [];
  for (const block of readBlocks(markdown)) {
    if (block.kind === 'paragraph') {
      if (block.isApart) doubt = { isUnpaired: false };
      if (!block.isSure) doubt.isUnpaired = true;
      shown.push(paragraph(block, { doubt, budget, spaces, isRuled: block.isRuled }));
    } else shown.push(line(block, { budget, spaces }));
  }
  return withoutMentions(shown.join('\n'));
}

function line({ kind, text, isSure }: LineBlock, { budget, spaces }: Pick<RenderContext, 'budget' | 'spaces'>): string {
  if (kind === 'row') return row(text, { doubt: { isUnpaired: !isSure }, budget, spaces, isRuled: true });
  if (kind === 'code' && isSure) return withoutActiveLinks(text);
  if (kind === 'indented') return inline(text, { doubt: { isUnpaired: true }, budget, spaces: false, isRuled: false });
  return withoutMarks(text);
}

function paragraph({ prefixes, text }: Paragraph, context: RenderContext): string {
  const shown = inline(text, context);
  if (prefixes.length === 0 && !shown.startsWith('<') && !shown.includes('\n<')) return shown;
  if (prefixes.length === 1) return withPrefix(shown, prefixes[0]);
  return shown
    .split('\n')
    .map((each, index) => withPrefix(each, prefixes[index]))
    .join('\n');
}

function withPrefix(text: string, prefix = ''): string {
  return prefix + (startsWithTag(text) ? BREAK : '') + text;
}

/** Returns true if `text` begins with a tag, which would start an HTML block without Markdown. */
function startsWithTag(text: string): boolean {
  return text.startsWith('<') && isTagStart(text.charCodeAt(1));
}

/** Renders each cell alone, because marks do not span cells. Code may, in a client that parses no table there. */
function row(text: string, context: RenderContext): string {
  let shown = '';
  let start = 0;
  for (let end = nextBar(text, 0); end < text.length; end = nextBar(text, start)) {
    shown += `${inline(text.slice(start, end), context)}|`;
    start = end + 1;
  }
  return shown + inline(text.slice(start), context);
}

function inline(text: string, { doubt, budget, spaces, isRuled }: RenderContext): string {
  const pieces = scanInline(text, doubt, budget);
  if (pieces === undefined) return withoutMarks(text);
  const context: InlineContext = { text, pieces, spaces, isRuled, isWebDefinition: undefined };
  const shown: string[] = [];
  let from = 0;
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index];
    const changed = piece && changeOf(piece, index, context);
    if (piece === undefined || changed === undefined) continue;
    shown.push(text.slice(from, piece.at), changed);
    from = piece.end;
  }
  if (from === 0) return text;
  shown.push(text.slice(from));
  return shown.join('');
}

interface InlineContext {
  text: string;
  pieces: readonly Piece[];
  spaces: boolean;
  isRuled: boolean;
  isWebDefinition: ReturnType<typeof createDefinitionReader> | undefined;
}

/** Returns the text to show for the piece at `index`, or undefined if the piece stays unchanged. */
function changeOf(piece: Piece, index: number, context: InlineContext): string | undefined {
  const { text, pieces, spaces, isRuled } = context;
  switch (piece.kind) {
    case 'open':
      return isBare(piece, pieces[index + 1]) ? '' : openingOf(text, piece);
    case 'close':
      // A link or image without text shows its address.
      return isBare(pieces[index - 1], piece) && piece.href !== '' ? ` ${piece.href} ` : closingOf(text, piece);
    case 'run':
      return spaces ? spaced(text, piece) : undefined;
    case 'code':
      return code(text.slice(piece.at, piece.end), piece.isSure, isRuled);
    default:
      return isHarmless(piece, context) ? undefined : text.slice(piece.at, piece.end) + BREAK;
  }
}

/** Returns true for a link or image without text. */
function isBare(opener: Piece | undefined, closer: Piece | undefined): boolean {
  return opener?.kind === 'open' && closer?.kind === 'close' && opener.end === closer.at;
}

function openingOf(text: string, { at, href }: Piece): string | undefined {
  if (href === '') return BREAK;
  if (text.charCodeAt(at) === BRACKET) return undefined;
  return href === undefined ? `!${BREAK}[` : '[';
}

/** Drops a title with marks, because clients without support for titles would parse the marks. */
function closingOf(text: string, { at, end, href = '' }: Piece): string | undefined {
  if (href === '') return BREAK;
  const isAlone = end - at === ']()'.length + href.length;
  return !isAlone && /[[\]<>`\\]/.test(text.slice(at + '](<'.length, end)) ? `](${href})` : undefined;
}

/** Adds spaces around a run, unless some of its marks are text. */
function spaced(text: string, { at, end, used, needsSpaceBefore, needsSpaceAfter }: Piece): string | undefined {
  if (used < end - at || !(needsSpaceBefore || needsSpaceAfter)) return undefined;
  return `${needsSpaceBefore ? ' ' : ''}${text.slice(at, end)}${needsSpaceAfter ? ' ' : ''}`;
}

/** Also breaks images in code, because Feishu also looks for images there. */
function code(raw: string, isSure: boolean, isRuled: boolean): string {
  if (!isSure || (isRuled && raw.includes('|'))) return withoutMarks(raw);
  return withoutActiveLinks(raw).replaceAll('![', `!${BREAK}[`);
}

/**
 * Returns false if the last character of the piece and the next one could begin a tag, an image, a link or a
 * definition.
 */
function isHarmless({ end }: Piece, context: InlineContext): boolean {
  const { text } = context;
  const last = text.charCodeAt(end - 1);
  const next = text.charCodeAt(end);
  if (last === LESS) return !isTagStart(next) || isSafeTag(text, end - 1);
  if (last === EXCLAMATION) return next !== BRACKET;
  if (last !== CLOSING_BRACKET) return true;
  if (next !== COLON) return next !== PARENTHESIS;
  context.isWebDefinition ??= createDefinitionReader(text);
  return context.isWebDefinition(end + 1);
}

function isSafeTag(text: string, at: number): boolean {
  SAFE_TAG.lastIndex = at;
  return SAFE_TAG.test(text);
}
