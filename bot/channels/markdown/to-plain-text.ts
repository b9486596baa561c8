// Markdown as plain text: what a reader sees where nothing is rendered.
import { lexer, type MarkedToken, type Token } from 'marked';

/** Marks go, words stay: links show their address, lists their items, tables their rows. */
export function toPlainText(markdown: string): string {
  return blocks(lexer(markdown)).trim();
}

/** Whether `markdown` reads the same with its marks taken away. */
export function isPlain(markdown: string): boolean {
  return toPlainText(markdown) === markdown.trim();
}

function blocks(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      const [lineEnds = ''] = /\n*$/.exec(token.raw) ?? [];
      return block(token as MarkedToken) + lineEnds; // no extension adds other tokens
    })
    .join('');
}

function block(token: MarkedToken): string {
  switch (token.type) {
    case 'space':
      return '';
    case 'code':
      return token.text;
    case 'hr':
      return '———';
    case 'blockquote':
      return blocks(token.tokens).trimEnd().replaceAll(/^/gm, '> ');
    case 'list':
      return token.items.map((item, index) => listItem(item, mark(token, index))).join('\n');
    case 'table':
      return [token.header, ...token.rows].map((row) => row.map(({ tokens }) => inline(tokens)).join(' | ')).join('\n');
    case 'heading':
    case 'paragraph':
    case 'text':
      return inline(token.tokens ?? [token]);
    default:
      return token.raw.trimEnd();
  }
}

type List = Extract<MarkedToken, { type: 'list' }>;

function mark({ ordered, start }: List, index: number): string {
  return ordered ? `${Number(start) + index}. ` : '- ';
}

function listItem({ tokens, task, checked }: List['items'][number], sign: string): string {
  const box = task ? (checked ? '[x] ' : '[ ] ') : '';
  const text = blocks(tokens.filter(({ type }) => type !== 'checkbox')).trim();
  return `${sign}${box}${text.replaceAll('\n', `\n${' '.repeat(sign.length)}`)}`;
}

function inline(tokens: readonly Token[]): string {
  return tokens.map((token) => sign(token as MarkedToken)).join(''); // no extension adds other tokens
}

function sign(token: MarkedToken): string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return inline(token.tokens);
    case 'codespan':
    case 'escape':
      return token.text;
    case 'br':
      return '\n';
    case 'link':
    case 'image':
      return address(token.type === 'link' ? inline(token.tokens) : token.text, token.href);
    default:
      return token.raw;
  }
}

function address(text: string, href: string): string {
  const same = href === '' || href === text || href === `mailto:${text}` || href === `http://${text}`;
  return text === '' ? href : same ? text : `${text} (${href})`;
}
