// Joins lines of text to paragraphs, without the marks that begin the lines.
import { tableOf } from './characters.ts';
import { beginsBlock, prefixLength, quotesIn } from './line-prefix.ts';

export interface Paragraph {
  kind: 'paragraph';
  /** The lines without their prefixes. */
  text: string;
  /** Every client agrees on which lines up to here are code. */
  isSure: boolean;
  /** Marks of quotes, lists and headings before each line; empty if no line has any. */
  prefixes: string[];
  /** False when the lines before it touch it: clients differ on where one ends then. */
  isApart: boolean;
  /** A line nearby is made of dashes and bars: a client may see a table. */
  isRuled: boolean;
}

export interface TextLine {
  /** Where the line begins in the source. */
  at: number;
  isSure: boolean;
  isApart: boolean;
}

export interface Paragraphs {
  /** Continues the open paragraph, or begins one. To be called with each line of text in turn. */
  add(text: string, line: TextLine): void;
  /** Ends the open paragraph. To be called before a line that is no text, and at the end. */
  end(): void;
}

const mayBeginPrefix = tableOf(' \t>*+#0123456789-');

/** Paragraphs go to `blocks` as soon as they begin. The text of one is complete when it has ended. */
export function createParagraphs(source: string, blocks: object[]): Paragraphs {
  let open: Paragraph | undefined;
  let lines = 0;
  /** While no line has a prefix, the text is this piece of the source. */
  let from = 0;
  let to = 0;

  function end(): void {
    if (open && lines > 1 && open.prefixes.length === 0) open.text = source.slice(from, to);
    open = undefined;
  }

  function extend(paragraph: Paragraph, prefix: string, content: string): void {
    if (paragraph.prefixes.length === 0) {
      paragraph.text = source.slice(from, to);
      paragraph.prefixes = new Array<string>(lines).fill('');
    }
    paragraph.prefixes.push(prefix);
    paragraph.text += `\n${content}`;
  }

  return {
    add(text, { at, isSure, isApart }) {
      const length = mayBeginPrefix[text.charCodeAt(0)] === 1 ? prefixLength(text) : 0;
      const prefix = text.slice(0, length);
      if (open === undefined || !continues(open, prefix)) {
        end();
        const prefixes = length === 0 ? [] : [prefix];
        open = { kind: 'paragraph', text: text.slice(length), isSure, prefixes, isApart, isRuled: false };
        blocks.push(open);
        lines = 0;
        from = at;
      } else if (length > 0 || open.prefixes.length > 0) extend(open, prefix, text.slice(length));
      open.isSure = isSure;
      lines += 1;
      to = at + text.length;
    },
    end,
  };
}

function continues({ prefixes }: Paragraph, prefix: string): boolean {
  const first = prefixes[0] ?? '';
  if (first === '' && prefix === '') return true;
  return !first.includes('#') && !beginsBlock(prefix) && quotesIn(first) === quotesIn(prefix);
}
