// Splits Markdown into blocks: paragraphs, table rows, code, and lines without marks to parse.
import { isOnlySpace, isSpace, SPACE, TAB, tableOf } from './characters.ts';
import { createFenceTrust } from './fence-trust.ts';
import { isItem } from './line-prefix.ts';
import { createParagraphs, type Paragraph } from './paragraphs.ts';
import { isRule, isUnderline, mayBeRuler } from './rules.ts';
import { type LinePlace, mayHaveFences, OUTSIDE, scanLines } from './scan-lines.ts';

export type Block = Paragraph | LineBlock;

/** A row of a table, or a line without marks to parse: blank, code, a fence, a table's delimiter row (`ruler`). */
export interface LineBlock {
  kind: 'row' | 'blank' | 'fence' | 'code' | 'indented' | 'ruler' | 'rule' | 'underline';
  text: string;
  /** True if all clients agree which lines up to here are code. */
  isSure: boolean;
  /** Indentation of the lines of a fence in a list. */
  indent: string;
}

/** First characters of a thematic break, a heading's underline or indented code. */
const mayBeginMarks = tableOf(' \t*-_=');

/** Returns the blocks of `markdown` in their order. Linear in the text. */
export function readBlocks(markdown: string): Block[] {
  const { text: source, texts, places } = scanLines(markdown);
  const blocks: Block[] = [];
  const trust = mayHaveFences(source) ? createFenceTrust() : () => true;
  const paragraphs = createParagraphs(source, blocks);
  const tables = createTableDoubt(blocks);
  let isApart = true;
  let isInList = false;
  let place = OUTSIDE;
  let at = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] ?? '';
    const isBelowHeader = place.opens === 'table';
    place = places[index] ?? OUTSIDE;
    const isSure = trust(text, place);
    const kind = kindByPlace(place, isBelowHeader) ?? kindByText(text, blocks.at(-1), isInList);
    if (text !== '' && !isSpace(text.charCodeAt(0))) isInList = isItem(text);
    tables.add(text, kind);
    if (kind === 'paragraph') paragraphs.add(text, { at, isSure, isApart });
    else {
      paragraphs.end();
      blocks.push({ kind, text, isSure, indent: place.inside?.indent ?? '' });
    }
    isApart = kind === 'blank' || kind === 'fence' || kind === 'code';
    at += text.length + 1;
  }
  paragraphs.end();
  tables.end();
  return blocks;
}

function kindByPlace({ inside, opens, closes }: LinePlace, isBelowHeader: boolean): LineBlock['kind'] | undefined {
  if (opens === 'fence' || closes) return 'fence';
  if (inside?.kind === 'fence') return 'code';
  if (opens === 'table') return 'row';
  return inside?.kind === 'table' ? (isBelowHeader ? 'ruler' : 'row') : undefined;
}

function kindByText(text: string, before: Block | undefined, isInList: boolean): Block['kind'] {
  if (isOnlySpace(text)) return 'blank';
  if (mayBeginMarks[text.charCodeAt(0)] !== 1) return 'paragraph';
  if (before?.kind === 'paragraph' && (before.prefixes[0] ?? '') === '' && isUnderline(text)) return 'underline';
  if (isRule(text)) return 'rule';
  return !isInList && isIndented(text, before) ? 'indented' : 'paragraph';
}

/**
 * Returns true for code indented by four spaces, at the start or behind a blank line. In a list they continue an item.
 */
function isIndented(text: string, before: Block | undefined): boolean {
  const code = text.charCodeAt(0);
  if (code !== TAB && !(code === SPACE && text.startsWith('    '))) return false;
  return before === undefined || before.kind === 'indented' || before.kind === 'blank';
}

/**
 * Sets `isRuled` of all paragraphs between two blank lines if one of their lines looks like a table's delimiter row.
 */
function createTableDoubt(blocks: readonly Block[]) {
  let from = 0;
  let isRuled = false;
  function end(): void {
    for (let index = from; isRuled && index < blocks.length; index += 1) {
      const block = blocks[index];
      if (block?.kind === 'paragraph') block.isRuled = true;
    }
    from = blocks.length;
    isRuled = false;
  }
  return {
    add(text: string, kind: Block['kind']): void {
      if (kind === 'blank') end();
      else isRuled ||= mayBeRuler(text);
    },
    end,
  };
}
