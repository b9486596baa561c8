// Markdown of a model, fit to be shown: nothing in it fetches, calls or acts by itself, and emphasis is seen as such.
import { type Paragraph, readBlocks } from './read-blocks.ts';
import { type CodeDoubt, type Opener, type Piece, type Run, scanInline } from './scan-inline.ts';
import { BREAK, hasMarks, isWebDefinition, withoutActiveLinks, withoutMarks, withoutMentions } from './targets.ts';

export interface SafeOptions {
  /** Puts a space beside emphasis that touches Chinese punctuation. Default true. */
  spaces?: boolean;
}

/** Tags without effect but on looks; both platforms document `font` with a colour. */
const SAFE_TAG = /<(?:\/?(?:b|strong|i|em|u|s|del|sub|sup|br|hr|font)|br ?\/|font color=['"]?[#\w-]{1,30}['"]?)>/iy;
const TAG_START = /[a-z/!?]/i;

/**
 * Images become links, since a client fetches them without a click. Links lead to http, https or mailto; what else
 * looks like one is text, as are HTML tags but for a few. Code stays as it is wherever all clients read it as code.
 * Linear in the text.
 *
 * Feishu wants spaces around emphasis that is not shown otherwise ("请确保加粗语法前后保留一个空格":
 * https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/rich-text).
 */
export function toSafeMarkdown(markdown: string, { spaces = true }: SafeOptions = {}): string {
  if (!hasMarks(markdown) && !(spaces && /[*_]|~~/.test(markdown))) return withoutMentions(markdown);
  let doubt: CodeDoubt = { isUnpaired: false };
  const shown = readBlocks(markdown).map((block) => {
    const { isSure } = block;
    if (block.kind === 'paragraph') {
      if (block.isApart) doubt = { isUnpaired: false };
      if (!isSure) doubt.isUnpaired = true;
      return paragraph(block, { doubt, spaces });
    }
    const { text } = block.line;
    if (block.kind === 'row') return row(text, { isSure, spaces });
    if (block.what === 'code' && isSure) return withoutActiveLinks(text);
    if (block.what === 'indented') return inline(text, { doubt: { isUnpaired: true }, spaces: false, isRuled: false });
    return withoutMarks(text);
  });
  return withoutMentions(shown.join('\n'));
}

interface Means {
  doubt: CodeDoubt;
  spaces: boolean;
}

function paragraph({ prefixes, text, isRuled }: Paragraph, means: Means): string {
  return inline(text, { ...means, isRuled })
    .split('\n')
    .map((line, index) => `${prefixes[index] ?? ''}${startsWithTag(line) ? BREAK : ''}${line}`)
    .join('\n');
}

/** A tag that begins a line makes an HTML block of it, in which nothing else is read as Markdown. */
function startsWithTag(line: string): boolean {
  return line.startsWith('<') && TAG_START.test(line.charAt(1));
}

/** No mark reaches from one cell into another; only code may, for a client that sees no table there. */
function row(text: string, { isSure, spaces }: { isSure: boolean; spaces: boolean }): string {
  const doubt = { isUnpaired: !isSure };
  return text
    .split(/(?<!\\)\|/)
    .map((cell) => inline(cell, { doubt, spaces, isRuled: true }))
    .join('|');
}

function inline(text: string, { doubt, spaces, isRuled }: Means & { isRuled: boolean }): string {
  const out: string[] = [];
  /** Where the openers of links and images that are open now stand in what is shown. */
  const openers: number[] = [];
  const where: Where = { text, at: 0, spaces, isRuled };
  for (const piece of scanInline(text, doubt)) {
    where.at += piece.raw.length;
    if (piece.kind === 'open' && piece.href !== undefined) openers.push(out.length);
    if (piece.kind === 'close') {
      const isBare = openers.pop() === out.length - 1;
      // Of a link or image without text only the address can be shown.
      if (isBare) out.pop();
      out.push(isBare && piece.href !== '' ? ` ${piece.href} ` : closingOf(piece));
    } else out.push(shownOf(piece, where));
  }
  return out.join('');
}

interface Where {
  text: string;
  /** Index behind the piece. */
  at: number;
  spaces: boolean;
  isRuled: boolean;
}

function shownOf(piece: Exclude<Piece, { kind: 'close' }>, { text, at, spaces, isRuled }: Where): string {
  switch (piece.kind) {
    case 'open':
      return openingOf(piece);
    case 'run':
      return spaces ? spaced(piece) : piece.raw;
    case 'code': {
      const isSure = piece.isSure && !(isRuled && piece.raw.includes('|'));
      // Feishu looks for images there, too.
      return isSure ? withoutActiveLinks(piece.raw).replaceAll('![', `!${BREAK}[`) : withoutMarks(piece.raw);
    }
    default:
      return harmless(piece, text, at);
  }
}

function openingOf({ raw, href }: Opener): string {
  if (href === undefined) return raw === '[' ? raw : `!${BREAK}[`;
  return href === '' ? BREAK : '[';
}

/** A title with marks is dropped: clients without titles would read them. */
function closingOf({ raw, href }: Extract<Piece, { kind: 'close' }>): string {
  if (href === '') return BREAK;
  return /[[\]<>`\\]/.test(raw.slice('](<'.length)) ? `](${href})` : raw;
}

/** A run of which some marks are text keeps its place. */
function spaced({ raw, used, needsSpaceBefore, needsSpaceAfter }: Run): string {
  if (used < raw.length) return raw;
  return `${needsSpaceBefore ? ' ' : ''}${raw}${needsSpaceAfter ? ' ' : ''}`;
}

/** `at` is the index behind the piece. */
function harmless({ kind, raw }: Piece, text: string, at: number): string {
  if (kind === 'text' || kind === 'url') return raw;
  const next = text.charAt(at);
  const last = raw.charAt(raw.length - 1);
  if (kind === 'angle' || (kind === 'escape' && last === '<')) {
    return TAG_START.test(next) && !isSafeTag(text, at - 1) ? raw + BREAK : raw;
  }
  if (last === ']' && (next === '(' || (next === ':' && !isWebDefinition(text, at + 1)))) return raw + BREAK;
  return last === '!' && next === '[' ? raw + BREAK : raw;
}

function isSafeTag(text: string, at: number): boolean {
  SAFE_TAG.lastIndex = at;
  return SAFE_TAG.test(text);
}
