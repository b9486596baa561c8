// Finds code, emphasis, links and tags in the text of one paragraph. Linear in the text, and without recursion.
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

/** Kept over paragraphs that no blank line parts, because clients differ on where one ends there. */
export interface CodeDoubt {
  /** A backtick had no partner in its own line, or touched an address: code behind it may be text for others. */
  isUnpaired: boolean;
}

const AUTOLINK = /<(?:(?:https?:\/\/|mailto:)[^\s<>`\\]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/iy;
/** Characters of `AUTOLINK` behind `<`. */
const mayBeginAddress = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-');
/** Characters that a backslash makes letters. */
const isEscaped = tableOf('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
/** Characters that may begin something else than text. */
const isSpecial = tableOf('\\`*_~[]<!h');

const NOTHING: readonly Piece[] = [];

interface Reading {
  text: string;
  pieces: Piece[];
  doubt: CodeDoubt;
  budget: MarkBudget;
  emphasis: Emphasis | undefined;
  brackets: Brackets | undefined;
  findCode: ReturnType<typeof createCodeFinder> | undefined;
  /** No space is between the last bare address and this index; -1 without such an address. */
  touchedTo: number;
  /** The first line end behind the last code; -1 before the first code. */
  lineEnd: number;
}

/** Returns the pieces in their order; the characters between them are text. Undefined if `budget` is used up. */
export function scanInline(text: string, doubt: CodeDoubt, budget: MarkBudget): readonly Piece[] | undefined {
  let at = nextSpecial(text, 0);
  if (at === text.length) return NOTHING;
  budget.left -= 1;
  if (budget.left < 0) return undefined;
  const pieces: Piece[] = [];
  const reading: Reading = {
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
    at = read(reading, at);
  }
  return pieces;
}

/** Reads what begins at `at`, and returns the index behind it. */
function read(reading: Reading, at: number): number {
  const { text } = reading;
  switch (text.charCodeAt(at)) {
    case BACKTICK:
      return readCode(reading, at);
    case BRACKET:
      return readOpener(reading, at, at + 1);
    case EXCLAMATION:
      return readOpener(reading, at, at + 2);
    case CLOSING_BRACKET:
      return readCloser(reading, at);
    case LESS:
      return readAngle(reading, at);
    case BACKSLASH:
      return isEscaped[text.charCodeAt(at + 1)] === 1 ? add(reading, pieceOf('escape', at, at + 2)).end : at + 1;
    case LETTER_H:
      reading.touchedTo = endOfUrl(text, at);
      return reading.touchedTo;
    default:
      return readRun(reading, at);
  }
}

function add({ pieces }: Reading, piece: Piece): Piece {
  pieces.push(piece);
  return piece;
}

function readRun(reading: Reading, at: number): number {
  reading.emphasis ??= { text: reading.text, stack: [], floors: [], highestFloor: 0 };
  const run = add(reading, pieceOf('run', at, endOfRun(reading.text, at)));
  matchRun(reading.emphasis, run);
  return run.end;
}

function readOpener(reading: Reading, at: number, end: number): number {
  reading.brackets ??= { stack: [], floor: 0 };
  reading.brackets.stack.push(add(reading, pieceOf('open', at, end)));
  return end;
}

function readCloser(reading: Reading, at: number): number {
  const { text, brackets, budget } = reading;
  const next = text.charCodeAt(at + 1);
  if (next === PARENTHESIS) budget.left -= 2;
  const closing = brackets && closeBracket(brackets, text, at);
  if (closing) return add(reading, closing).end;
  if (next === PARENTHESIS || next === COLON) add(reading, pieceOf('bracket', at, at + 1));
  return at + 1;
}

function readAngle(reading: Reading, at: number): number {
  const { text } = reading;
  const next = text.charCodeAt(at + 1);
  AUTOLINK.lastIndex = at;
  if (mayBeginAddress[next] === 1 && AUTOLINK.test(text)) {
    return add(reading, pieceOf('autolink', at, AUTOLINK.lastIndex)).end;
  }
  if (isTagStart(next)) add(reading, pieceOf('angle', at, at + 1));
  return at + 1;
}

function readCode(reading: Reading, at: number): number {
  const { text, doubt, brackets } = reading;
  const start = endOfRun(text, at);
  // Where the address takes the backtick with it, all later ones have other partners.
  if (touchesUrl(reading, at)) doubt.isUnpaired = true;
  reading.findCode ??= createCodeFinder(text);
  const end = reading.findCode(start, start - at);
  if (end === -1 || hasLineEnd(reading, start, end)) doubt.isUnpaired = true;
  if (end === -1) return start;
  // Some clients read a link around or across code in brackets.
  const code = add(reading, pieceOf('code', at, end + start - at));
  code.used = start - at;
  code.isSure = !doubt.isUnpaired && (brackets === undefined || brackets.stack.length === 0);
  return code.end;
}

/** Some clients read everything up to a blank as part of an address. */
function touchesUrl(reading: Reading, at: number): boolean {
  while (reading.touchedTo !== -1 && reading.touchedTo < at) {
    const isEnd = isSpace(reading.text.charCodeAt(reading.touchedTo));
    reading.touchedTo = isEnd ? -1 : reading.touchedTo + 1;
  }
  return reading.touchedTo !== -1;
}

function hasLineEnd(reading: Reading, start: number, end: number): boolean {
  if (reading.lineEnd < start) {
    const lineEnd = reading.text.indexOf('\n', start);
    reading.lineEnd = lineEnd === -1 ? reading.text.length : lineEnd;
  }
  return reading.lineEnd < end;
}

/** Index of the next character that begins something, or the length of the text. */
function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= ASCII_END || isSpecial[code] === 0) continue;
    if (code === LETTER_H ? isUrl(text, at) : code !== EXCLAMATION || text.charCodeAt(at + 1) === BRACKET) return at;
  }
  return text.length;
}
