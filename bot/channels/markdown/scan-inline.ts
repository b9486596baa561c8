// Cuts the text of one paragraph into flat pieces: code, emphasis, links. Linear in the text, and without recursion.
import { CLOSES, flanksOf, NEEDS_SPACE_AFTER, NEEDS_SPACE_BEFORE, NO_CHARACTER, OPENS } from './flanking.ts';
import { readTarget } from './targets.ts';

export type Piece =
  | { kind: 'text'; raw: string }
  /** A backslash and the character it makes a letter. */
  | { kind: 'escape'; raw: string }
  | { kind: 'code'; raw: string; text: string; isSure: boolean }
  /** A run of `*`, `_` or `~~`. */
  | Run
  | Opener
  /** `](address)` of a link or image. */
  | { kind: 'close'; raw: string; href: string }
  /** A bracket that closes nothing. */
  | { kind: 'bracket'; raw: string }
  /** `<address>`. */
  | { kind: 'autolink'; raw: string }
  | { kind: 'angle'; raw: string }
  /** A bare address. */
  | { kind: 'url'; raw: string };

export interface Run {
  kind: 'run';
  raw: string;
  /** Characters that are marks of emphasis; the others are text. */
  used: number;
  needsSpaceBefore: boolean;
  needsSpaceAfter: boolean;
}

export interface Opener {
  kind: 'open';
  raw: '[' | '![';
  /** Set when a link or image ends later; undefined: the bracket is text. */
  href: string | undefined;
}

/** Kept over paragraphs that no blank line parts, because clients differ on where one ends there. */
export interface CodeDoubt {
  /** A backtick had no partner in its own line, or touched an address: code behind it may be text for others. */
  isUnpaired: boolean;
}

const ESCAPED = /[!-/:-@[-`{-~]/;
const URL_END = /[\s<>[\]`"|\\\u0080-\uffff]/g;
const TRAILING = new Set(`?!.,:;*_~)'`);
const AUTOLINK = /<(?:(?:https?:\/\/|mailto:)[^\s<>`\\]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>/iy;
/** Characters that may begin something else than text. */
const SPECIAL = new Set([...'\\`*_~[]<!h'].map((character) => character.charCodeAt(0)));
const isSpecial = Uint8Array.from({ length: 0x80 }, (_, code) => (SPECIAL.has(code) ? 1 : 0));

export function scanInline(text: string, doubt: CodeDoubt = { isUnpaired: false }): Piece[] {
  const end = nextSpecial(text, 0);
  if (end === text.length) return end === 0 ? [] : [{ kind: 'text', raw: text }];
  const pieces: Piece[] = [];
  const emphasis = createEmphasis();
  const brackets = createBrackets();
  const code = createCodeFinder(text);
  /** Some clients read everything up to a blank as part of an address. */
  let touchesUrl = false;

  function pieceAt(at: number): Piece {
    switch (text[at]) {
      case '*':
      case '_':
      case '~': {
        const raw = text.slice(at, endOfRun(text, at));
        const run: Run = { kind: 'run', raw, used: 0, needsSpaceBefore: false, needsSpaceAfter: false };
        emphasis.add(run, codeBefore(text, at), text.codePointAt(at + raw.length) ?? NO_CHARACTER);
        return run;
      }
      case '`':
        // Where the address takes the backtick with it, all later ones have other partners.
        if (touchesUrl) doubt.isUnpaired = true;
        return code.at(at, doubt, brackets.areOpen());
      case '[':
        return brackets.open({ kind: 'open', raw: '[', href: undefined });
      case '!':
        return brackets.open({ kind: 'open', raw: '![', href: undefined });
      case ']':
        return brackets.close(text, at) ?? { kind: 'bracket', raw: ']' };
      case '<':
        return { kind: 'angle', raw: '<', ...autolinkAt(text, at) };
      case '\\':
        return ESCAPED.test(text.charAt(at + 1))
          ? { kind: 'escape', raw: text.slice(at, at + 2) }
          : { kind: 'text', raw: '\\' };
      default:
        return { kind: 'url', raw: urlAt(text, at) };
    }
  }

  const push = (piece: Piece) => {
    pieces.push(piece);
    touchesUrl = piece.kind === 'url' || (touchesUrl && !/\s/.test(piece.raw));
  };
  for (let at = 0; at < text.length; ) {
    const next = nextSpecial(text, at);
    if (next > at) push({ kind: 'text', raw: text.slice(at, next) });
    at = next;
    if (at === text.length) break;
    const piece = pieceAt(at);
    push(piece);
    at += piece.raw.length;
  }
  return pieces;
}

/** Index of the next character that begins something, or the length of the text. */
function nextSpecial(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x80 || isSpecial[code] === 0) continue;
    if (code === LETTER_H ? isUrl(text, at) : code !== EXCLAMATION || text.charCodeAt(at + 1) === BRACKET) return at;
  }
  return text.length;
}

const LETTER_H = 0x68;
const EXCLAMATION = 0x21;
const BRACKET = 0x5b;

function isUrl(text: string, at: number): boolean {
  return text.startsWith('http://', at) || text.startsWith('https://', at);
}

function endOfRun(text: string, at: number): number {
  const code = text.charCodeAt(at);
  let end = at + 1;
  while (text.charCodeAt(end) === code) end += 1;
  return end;
}

/** The code point before `index`. */
function codeBefore(text: string, index: number): number {
  if (index === 0) return NO_CHARACTER;
  const last = text.charCodeAt(index - 1);
  return last >= 0xdc00 && last <= 0xdfff ? (text.codePointAt(index - 2) ?? last) : last;
}

function autolinkAt(text: string, at: number): Extract<Piece, { kind: 'autolink' }> | undefined {
  AUTOLINK.lastIndex = at;
  const [raw] = AUTOLINK.exec(text) ?? [];
  return raw === undefined ? undefined : { kind: 'autolink', raw };
}

/** Without the punctuation that ends a sentence or closes emphasis behind the address. */
function urlAt(text: string, at: number): string {
  URL_END.lastIndex = at;
  let end = URL_END.exec(text)?.index ?? text.length;
  while (TRAILING.has(text.charAt(end - 1)) && !text.startsWith('://', end - 3)) end -= 1;
  return text.slice(at, end);
}

/** Matches runs as CommonMark does: with the last run that fits, and never searching the same ones in vain again. */
function createEmphasis() {
  interface Waiting {
    run: Run;
    left: number;
    closes: boolean;
    needsSpaceBefore: boolean;
  }
  const stack: Waiting[] = [];
  /** Runs below this height do not fit, per kind of closing run. */
  const floors: number[] = [];
  let highestFloor = 0;

  function lowerFloors(): void {
    if (highestFloor <= stack.length) return;
    highestFloor = stack.length;
    for (let key = 0; key < floors.length; key += 1) if ((floors[key] ?? 0) > highestFloor) floors[key] = highestFloor;
  }

  function close(run: Run, opens: boolean): void {
    const key = '*_~'.indexOf(run.raw.charAt(0)) * 6 + (opens ? 3 : 0) + (run.raw.length % 3);
    while (run.used < run.raw.length) {
      const height = findOpener(run, opens, floors[key] ?? 0);
      const opener = stack[height - 1];
      if (opener === undefined) {
        floors[key] = stack.length;
        highestFloor = stack.length;
        return;
      }
      const marks = Math.min(opener.left, run.raw.length - run.used);
      opener.left -= marks;
      opener.run.used += marks;
      opener.run.needsSpaceBefore = opener.needsSpaceBefore;
      run.used += marks;
      stack.length = opener.left > 0 ? height : height - 1;
      lowerFloors();
    }
  }

  /** Height of the last run that fits, or 0. */
  function findOpener(run: Run, opens: boolean, floor: number): number {
    for (let height = stack.length; height > floor; height -= 1) {
      if (fits(stack[height - 1], run, opens)) return height;
    }
    return 0;
  }

  function fits(opener: Waiting | undefined, { raw }: Run, opens: boolean): boolean {
    if (opener === undefined || opener.run.raw.charCodeAt(0) !== raw.charCodeAt(0)) return false;
    const first = opener.run.raw.length;
    if (raw.startsWith('~')) return first === raw.length;
    return !(opener.closes || opens) || (first + raw.length) % 3 !== 0 || (first % 3 === 0 && raw.length % 3 === 0);
  }

  return {
    add(run: Run, before: number, after: number): void {
      if (run.raw.startsWith('~') && run.raw.length !== 2) return;
      const flanks = flanksOf(run.raw, before, after);
      const opens = (flanks & OPENS) !== 0;
      const closes = (flanks & CLOSES) !== 0;
      if (closes) close(run, opens);
      run.needsSpaceAfter = run.used > 0 && (flanks & NEEDS_SPACE_AFTER) !== 0;
      const left = run.raw.length - run.used;
      if (opens && left > 0) {
        stack.push({ run, left, closes, needsSpaceBefore: (flanks & NEEDS_SPACE_BEFORE) !== 0 });
      }
    },
  };
}

/** Matches brackets as CommonMark does: with the last one open; a link holds no other link. */
function createBrackets() {
  const stack: Opener[] = [];
  /** Openers of links below this height are inside a link's text, or before it. */
  let floor = 0;
  return {
    /** Some clients read a link around or across code there. */
    areOpen: () => stack.length > 0,
    open(opener: Opener): Opener {
      stack.push(opener);
      return opener;
    },
    close(text: string, at: number): Piece | undefined {
      const opener = stack.pop();
      const isDead = opener === undefined || (opener.raw === '[' && stack.length < floor);
      floor = Math.min(floor, stack.length);
      if (isDead || text[at + 1] !== '(') return undefined;
      const target = readTarget(text, at + 1);
      if (target === undefined) return undefined;
      opener.href = target.href;
      if (opener.raw === '[') floor = stack.length;
      return { kind: 'close', raw: text.slice(at, target.end), href: target.href };
    },
  };
}

/** Finds the partner of a run of backticks: the next run of the same length. */
function createCodeFinder(text: string) {
  let starts: Map<number, number[]> | undefined;

  /** Where the runs of each length begin, last one first. */
  function findRuns(): Map<number, number[]> {
    const runs = new Map<number, number[]>();
    for (let at = text.lastIndexOf('`'); at !== -1; at = at === 0 ? -1 : text.lastIndexOf('`', at - 1)) {
      const end = at + 1;
      while (at > 0 && text[at - 1] === '`') at -= 1;
      const same = runs.get(end - at);
      if (same) same.push(at);
      else runs.set(end - at, [at]);
    }
    return runs;
  }

  return {
    at(at: number, doubt: CodeDoubt, isInBrackets: boolean): Piece {
      starts ??= findRuns();
      const length = endOfRun(text, at) - at;
      const same = starts.get(length) ?? [];
      while (same.length > 0 && (same.at(-1) ?? 0) <= at) same.pop();
      const end = same.at(-1);
      if (end === undefined) {
        doubt.isUnpaired = true;
        return { kind: 'text', raw: text.slice(at, at + length) };
      }
      const inner = text.slice(at + length, end);
      if (inner.includes('\n')) doubt.isUnpaired = true;
      const isPadded = inner.startsWith(' ') && inner.endsWith(' ') && inner.trim() !== '';
      const code = isPadded ? inner.slice(1, -1) : inner;
      return {
        kind: 'code',
        raw: text.slice(at, end + length),
        text: code,
        isSure: !doubt.isUnpaired && !isInBrackets,
      };
    },
  };
}
