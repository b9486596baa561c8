// Decides if a run of `*`, `_` or `~` can open or close emphasis, also beside Chinese punctuation.
import { STAR, UNDERSCORE } from './characters.ts';

/** Bits of the result of `flanksOf`. */
export const OPENS = 1;
export const CLOSES = 2;
/** By CommonMark alone the run cannot open emphasis, so it needs a space before it. */
export const NEEDS_SPACE_BEFORE = 4;
/** By CommonMark alone the run cannot close emphasis, so it needs a space behind it. */
export const NEEDS_SPACE_AFTER = 8;

/** Value of `before` or `after` at an end of the text. */
export const NO_CHARACTER = -1;

const SPACE = 1;
const PUNCTUATION = 2;
const OTHER = 4;
const IS_CJK = 8;
const IS_BRACKET = 16;

/** Han, kana, hangul, bopomofo, full-width forms, CJK punctuation, and the quotes and dashes that Chinese shares. */
const CJK =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}\u2014\u2018-\u201f\u2026\u3000-\u303f\ufe10-\ufe4f\uff00-\uffef]/u;
/** Brackets beside a single star: `价格*（1+税率）*数量` is a product, not emphasis. */
const BRACKET = /[()（）[\]【】]/;

/** Cached kinds by code point, because regular expressions are slow. 0 means not computed. */
const known = new Uint8Array(0x11_00_00);

/**
 * Returns the bits `OPENS`, `CLOSES`, `NEEDS_SPACE_BEFORE` and `NEEDS_SPACE_AFTER` of a run. By CommonMark
 * (https://spec.commonmark.org/0.31.2/#left-flanking-delimiter-run) a run between a letter and punctuation cannot open
 * emphasis, as in `这是**“重点”**内容`. Chinese has no spaces there, so this rule is relaxed if CJK is on either side.
 * `before` and `after` are code points, or `NO_CHARACTER`. `mark` is the character of the run.
 */
export function flanksOf(mark: number, length: number, { before, after }: { before: number; after: number }): number {
  const left = kindOf(before);
  const right = kindOf(after);
  const leftFlanking = isFlanking(right, left);
  const rightFlanking = isFlanking(left, right);
  const isRelaxed = ((left | right) & IS_CJK) !== 0;
  const productBit = mark === STAR && length === 1 ? IS_BRACKET : 0;
  const needsSpaceBefore = isRelaxed && !leftFlanking && (right & SPACE) === 0 && (right & productBit) === 0;
  const needsSpaceAfter = isRelaxed && !rightFlanking && (left & SPACE) === 0 && (left & productBit) === 0;
  const inWord = leftFlanking && rightFlanking && mark === UNDERSCORE;
  return (
    bitIf(needsSpaceBefore || (leftFlanking && (!inWord || (left & PUNCTUATION) !== 0)), OPENS) |
    bitIf(needsSpaceAfter || (rightFlanking && (!inWord || (right & PUNCTUATION) !== 0)), CLOSES) |
    bitIf(needsSpaceBefore, NEEDS_SPACE_BEFORE) |
    bitIf(needsSpaceAfter, NEEDS_SPACE_AFTER)
  );
}

/** Returns true if the run is flanking on the side of `inner`. */
function isFlanking(inner: number, outer: number): boolean {
  return (inner & SPACE) === 0 && ((inner & PUNCTUATION) === 0 || (outer & OTHER) === 0);
}

function bitIf(condition: boolean, bit: number): number {
  return condition ? bit : 0;
}

function kindOf(code: number): number {
  if (code < 0) return SPACE;
  const kind = known[code] || classify(String.fromCodePoint(code));
  known[code] = kind;
  return kind;
}

function classify(character: string): number {
  const kind = /\s/u.test(character) ? SPACE : /[\p{P}\p{S}]/u.test(character) ? PUNCTUATION : OTHER;
  return kind | (CJK.test(character) ? IS_CJK : 0) | (BRACKET.test(character) ? IS_BRACKET : 0);
}
