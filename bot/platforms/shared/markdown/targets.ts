// Decides which addresses may be links: http, https and mailto, without escapes or encodings.
import { BREAK } from './breakable.ts';
import {
  BACKSLASH,
  CLOSING_PARENTHESIS,
  GREATER,
  LESS,
  LINE_END,
  PARENTHESIS,
  SPACE,
  skipBlanks,
} from './characters.ts';

/** The address of `](address "title")`. */
export interface Target {
  /** Empty if the address must be dropped, because it would run or trigger something in a client. */
  href: string;
  /** Index behind the closing bracket. */
  end: number;
}

/** Address without escapes, entities, quotes and backticks, so that all parsers read the same address. */
const WEB = /^(?:https?:\/\/(?:\[[\d:a-f.]+\])?|mailto:)[^\s<>[\]`\\"]*$/i;
/** Schemes that run code, or act in the chat client on behalf of the user. */
const ACTIVE_SCHEMES =
  'javascript|vbscript|livescript|data|blob|filesystem|file|about|view-source|dtmd|dingtalk[\\w-]{0,20}|lark|feishu|intent';
const ACTIVE = new RegExp(`^(?:${ACTIVE_SCHEMES}):`);
const CLIENT_SCHEME = /(dtmd|dingtalk[\w-]{0,20}|lark|feishu):(?=\/\/)/gi;
const MENTION = /<(?=\/?(?:at|person)\b)/gi;
const ACTIVE_IN_CODE = new RegExp(`\\](?=\\(\\s?<?(?:${ACTIVE_SCHEMES}):)`, 'gi');

const MAX_PARENTHESES = 8;
/** Characters searched for a scheme. Schemes are short, but entities and blanks may lengthen them. */
const SCHEME_WINDOW = 200;

/** Parses `(address)` or `(address "title")` at `at`. Undefined if it is neither a web address nor an active one. */
export function readTarget(text: string, at: number): Target | undefined {
  const start = skipBlanks(text, at + 1);
  const angled = text.charCodeAt(start) === LESS;
  const addressEnd = angled ? endOfAngled(text, start + 1) : endOfBare(text, start);
  if (addressEnd === undefined) return undefined;
  const end = endOfTarget(text, angled ? addressEnd + 1 : addressEnd);
  if (end === undefined) return undefined;
  const address = text.slice(angled ? start + 1 : start, addressEnd);
  if (WEB.test(address) && !(angled && /[()]/.test(address))) return { href: address, end };
  return isActive(address) ? { href: '', end } : undefined;
}

/** Breaks mentions and schemes of chat clients in the complete text, including code. */
export function withoutMentions(text: string): string {
  const broken = text.includes('<') ? text.replaceAll(MENTION, `<${BREAK}`) : text;
  return broken.includes('://') ? broken.replaceAll(CLIENT_SCHEME, `$1:${BREAK}`) : broken;
}

/** Breaks only links with an active scheme, which real code does not contain, so that code can still be copied. */
export function withoutActiveLinks(text: string): string {
  return text.includes('](') ? text.replaceAll(ACTIVE_IN_CODE, `]${BREAK}`) : text;
}

/** Address of characters that have no special meaning to a parser. */
const LITERAL = /^[!#$'-[\]-~]*$/;

function isActive(address: string): boolean {
  const start = address.slice(0, SCHEME_WINDOW);
  if (LITERAL.test(start)) return ACTIVE.test(start.toLowerCase());
  if (!/[:&]/.test(start)) return false;
  const plain = withoutPercents(withoutEntities(start));
  const seen = SHOWN.test(plain) ? plain : plain.replaceAll(/[\s\\\p{Cc}\p{Cf}]/gu, '');
  return ACTIVE.test(seen.toLowerCase());
}

/** Address of characters that no parser skips. */
const SHOWN = /^[!-[\]-~]*$/;

/** Decodes entities that may hide a scheme. */
function withoutEntities(address: string): string {
  if (!address.includes('&')) return address;
  const decoded = address.replaceAll(/&#(?:x([\da-f]{1,6})|(\d{1,7}));?/gi, (_all, hex?: string, decimal?: string) =>
    characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
  );
  if (!decoded.includes('&')) return decoded;
  return decoded.replaceAll(/&colon;?/gi, ':').replaceAll(/&(?:tab|newline|nbsp|zerowidthspace|shy);?/gi, '');
}

function withoutPercents(address: string): string {
  if (!address.includes('%')) return address;
  return address.replaceAll(/%([\da-f]{2})/gi, (_all, hex: string) => characterOf(Number.parseInt(hex, 16)));
}

function characterOf(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
}

function endOfAngled(text: string, start: number): number | undefined {
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === GREATER) return index;
    if (code === LINE_END || code === LESS) return undefined;
    if (code === BACKSLASH) index += 1;
  }
  return undefined;
}

function endOfBare(text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length && depth <= MAX_PARENTHESES; index += 1) {
    const code = text.charCodeAt(index);
    if (code <= SPACE) return depth === 0 ? index : undefined;
    if (code === BACKSLASH) index += 1;
    else if (code === PARENTHESIS) depth += 1;
    else if (code === CLOSING_PARENTHESIS) depth -= 1;
    if (depth < 0) return index;
  }
  return undefined;
}

/** Returns the index behind the optional title and the closing bracket; undefined if there is no closing bracket. */
function endOfTarget(text: string, at: number): number | undefined {
  let index = skipBlanks(text, at);
  if (index > at) {
    const closing = { '"': '"', "'": "'", '(': ')' }[text[index] ?? ''];
    if (closing !== undefined) {
      const end = endOfTitle(text, index + 1, closing);
      if (end === undefined) return undefined;
      index = skipBlanks(text, end);
    }
  }
  return text[index] === ')' ? index + 1 : undefined;
}

function endOfTitle(text: string, start: number, closing: string): number | undefined {
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === closing) return index + 1;
    if (character === '\n' || (closing === ')' && character === '(')) return undefined;
    if (character === '\\') index += 1;
  }
  return undefined;
}
