// Joins lines of text to paragraphs, and separates the marks that begin the lines.
import { tableOf } from './characters.ts';
import { beginsBlock, prefixLength, quotesIn } from './line-prefix.ts';

export interface Paragraph {
  kind: 'paragraph';
  /** Lines without their prefixes. */
  text: string;
  /** True if all clients agree which lines up to here are code. */
  isSure: boolean;
  /** Marks of quotes, lists and headings before each line; empty if no line has any. */
  prefixes: string[];
  /** False if no blank line or code precedes the paragraph. Then clients differ on where the previous one ends. */
  isApart: boolean;
  /** True if a nearby line has only dashes and bars, so that a client may parse a table. */
  isRuled: boolean;
}

export interface TextLine {
  /** Index of the line's start in the source. */
  at: number;
  isSure: boolean;
  isApart: boolean;
}

export interface Paragraphs {
  /** Continues the open paragraph, or begins a new one. Must be called with each line of text in order. */
  add(text: string, line: TextLine): void;
  /** Ends the open paragraph. Must be called before each line that is no text, and at the end. */
  end(): void;
}

const mayBeginPrefix = tableOf(' \t>*+#0123456789-');

/** Creates a collector that adds each paragraph to `blocks` when it begins. Its text is complete when it has ended. */
export function createParagraphs(source: string, blocks: object[]): Paragraphs {
  let open: Paragraph | undefined;
  let lines = 0;
  /** Range of the paragraph in the source, used while no line has a prefix. */
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
