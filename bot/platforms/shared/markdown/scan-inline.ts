// Finds code, emphasis, links and tags in the text of one paragraph. Linear in the text, without recursion.
import { isTagStart } from './breakable.ts';
import type { MarkBudget } from './budget.ts';
import {
  ASCII_END,
  BACKSLASH,
  BACKTICK,
  BRACKET,
  CLOSING_BRACKET,
  COLON,
  EXCLAMATION,
  endOfRun,
  isSpace,
  LESS,
  LETTER_H,
  PARENTHESIS,
  tableOf,
} from './characters.ts';
import { createCodeFinder } from './find-code.ts';
import { type Brackets, closeBracket } from './match-brackets.ts';
import { type Emphasis, matchRun } from './match-emphasis.ts';
import { type Piece, pieceOf } from './piece.ts';
import { endOfUrl, isUrl } from './urls.ts';

/** Shared by paragraphs without a blank line between them, because clients differ on where such paragraphs end. */
export interface CodeDoubt {
  /**
   * True if a backtick had no partner on its line, or touched an address. Then other clients may parse later code as
   * text.
   */
  isUnpaired: boolean;
}

const AUTOLINK = /<(?:(?:https?:\/\/|mailto:)[^\s<>`\\]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/iy;
/** First characters of `AUTOLINK` behind `<`. */
const mayBeginAddress = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-');
/** Characters that a backslash escapes. */
const isEscaped = tableOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
/** Characters that may begin a piece. */
const isSpecial = tableOf('\\`*_~[]<!h');

const NOTHING: readonly Piece[] = [];

interface InlineScan {
  text: string;
  pieces: Piece[];
  doubt: CodeDoubt;
  budget: MarkBudget;
  emphasis: Emphasis | undefined;
  brackets: Brackets | undefined;
  findCode: ReturnType<typeof createCodeFinder> | undefined;
  /** End of the text without spaces behind the last bare address, as far as scanned; -1 without such an address. */
  touchedTo: number;
  /** First line end behind the start of the last code; -1 before the first code. */
  lineEnd: number;
}

/** Returns the pieces in their order. The characters between them are text. Undefined if `budget` is used up. */
export function scanInline(text: string, doubt: CodeDoubt, budget: MarkBudget): readonly Piece[] | undefined {
  let at = nextSpecial(text, 0);
  if (at === text.length) return NOTHING;
  budget.left -= 1;
  if (budget.left < 0) return undefined;
  const pieces: Piece[] = [];
  const scan: InlineScan = {
    text,
    pieces,
    doubt,
    budget,
    emphasis: undefined,
    brackets: undefined,
    findCode: undefined,
    touchedTo: -1,
    lineEnd: -1,
  };
  for (; at < text.length; at = nextSpecial(text, at)) {
    budget.left -= 1;
    if (budget.left < 0) return undefined;
    at = scanPiece(scan, at);
  }
  return pieces;
}

/** Scans the piece or the address that begins at `at`, and returns the index behind it. */
function scanPiece(scan: InlineScan, at: number): number {
  const { text } = scan;
  switch (text.charCodeAt(at)) {
    case BACKTICK:
      return scanCode(scan, at);
    case BRACKET:
      return scanOpener(scan, at, at + 1);
    case EXCLAMATION:
      return scanOpener(scan, at, at + 2);
    case CLOSING_BRACKET:
      return scanCloser(scan, at);
    case LESS:
      return scanAngle(scan, at);
    case BACKSLASH:
      return isEscaped[text.charCodeAt(at + 1)] === 1 ? add(scan, pieceOf('escape', at, at + 2)).end : at + 1;
    case LETTER_H:
      scan.touchedTo = endOfUrl(text, at);
      return scan.touchedTo;
    default:
      return scanRun(scan, at);
  }
}

function add({ pieces }: InlineScan, piece: Piece): Piece {
  pieces.push(piece);
  return piece;
}

function scanRun(scan: InlineScan, at: number): number {
  scan.emphasis ??= { text: scan.text, stack: [], floors: [], highestFloor: 0 };
  const run = add(scan, pieceOf('run', at, endOfRun(scan.text, at)));
  matchRun(scan.emphasis, run);
  return run.end;
}

function scanOpener(scan: InlineScan, at: number, end: number): number {
  scan.brackets ??= { stack: [], floor: 0 };
  scan.brackets.stack.push(add(scan, pieceOf('open', at, end)));
  return end;
}

function scanCloser(scan: InlineScan, at: number): number {
  const { text, brackets, budget } = scan;
  const next = text.charCodeAt(at + 1);
  if (next === PARENTHESIS) budget.left -= 2;
  const closing = brackets && closeBracket(brackets, text, at);
  if (closing) return add(scan, closing).end;
  if (next === PARENTHESIS || next === COLON) add(scan, pieceOf('bracket', at, at + 1));
  return at + 1;
}

function scanAngle(scan: InlineScan, at: number): number {
  const { text } = scan;
  const next = text.charCodeAt(at + 1);
  AUTOLINK.lastIndex = at;
  if (mayBeginAddress[next] === 1 && AUTOLINK.test(text)) {
    return add(scan, pieceOf('autolink', at, AUTOLINK.lastIndex)).end;
  }
  if (isTagStart(next)) add(scan, pieceOf('angle', at, at + 1));
  return at + 1;
}

function scanCode(scan: InlineScan, at: number): number {
  const { text, doubt, brackets } = scan;
  const start = endOfRun(text, at);
  // If a client parses the backtick as part of the address, all later backticks have other partners.
  if (touchesUrl(scan, at)) doubt.isUnpaired = true;
  scan.findCode ??= createCodeFinder(text);
  const end = scan.findCode(start, start - at);
  if (end === -1 || hasLineEnd(scan, start, end)) doubt.isUnpaired = true;
  if (end === -1) return start;
  // Some clients parse a link around or across code in brackets.
  const code = add(scan, pieceOf('code', at, end + start - at));
  code.used = start - at;
  code.isSure = !doubt.isUnpaired && (brackets === undefined || brackets.stack.length === 0);
  return code.end;
}

/** Returns true if `at` directly follows an address. Some clients parse everything up to a blank as the address. */
function touchesUrl(scan: InlineScan, at: number): boolean {
  while (scan.touchedTo !== -1 && scan.touchedTo < at) {
    const isEnd = isSpace(scan.text.charCodeAt(scan.touchedTo));
    scan.touchedTo = isEnd ? -1 : scan.touchedTo + 1;
  }
  return scan.touchedTo !== -1;
}

function hasLineEnd(scan: InlineScan, start: number, end: number): boolean {
  if (scan.lineEnd < start) {
    const lineEnd = scan.text.indexOf('\n', start);
    scan.lineEnd = lineEnd === -1 ? scan.text.length : lineEnd;
  }
  return scan.lineEnd < end;
}

/** Returns the index of the next character that may begin a piece or an address, or the length of the text. */
function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ASCII_END || isSpecial[code] === 0) continue;
    if (code === LETTER_H ? isUrl(text, at) : code !== EXCLAMATION || text.charCodeAt(at + 1) === BRACKET) return at;
  }
  return text.length;
}
