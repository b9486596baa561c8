// Reads parts of a Markdown page: sections, tables, code spans, links and anchors.
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

/** Returns the tokens of a page, nested ones included. */
function tokensOf(page: string): Token[] {
  const tokens: Token[] = [];
  walkTokens(lexer(page), (token) => void tokens.push(token));
  return tokens;
}

/**
 * Returns the section under the first heading that begins with `heading`, without the heading. It ends before the next
 * heading of the same or a higher level. Throws if there is no such heading.
 */
export function section(page: string, heading: string): string {
  const tokens = lexer(page);
  const start = tokens.findIndex((token) => token.type === 'heading' && token.text.startsWith(heading));
  const level = tokens[start]?.type === 'heading' ? tokens[start].depth : undefined;
  if (level === undefined) throw new Error(`There is no heading "${heading}".`);
  const rest = tokens.slice(start + 1);
  const end = rest.findIndex((token) => token.type === 'heading' && token.depth <= level);
  return rest
    .slice(0, end === -1 ? undefined : end)
    .map(({ raw }) => raw)
    .join('')
    .trim();
}

/** Returns the Markdown of each cell, by row, of the table whose first column has this title. */
export function tableRows(page: string, firstColumn: string): string[][] {
  const table = lexer(page).find(
    (token): token is Tokens.Table => token.type === 'table' && token.header[0]?.text === firstColumn,
  );
  if (!table) throw new Error(`There is no table with the first column "${firstColumn}".`);
  return table.rows.map((cells) => cells.map(({ text }) => text));
}

/** Returns the first block of code in this language. */
export function codeBlock(page: string, language: string): string {
  const found = tokensOf(page).find((token) => token.type === 'code' && token.lang === language);
  if (found?.type !== 'code') throw new Error(`There is no block of ${language}.`);
  return found.text;
}

/** Returns the contents of all code spans. */
export function codeSpans(page: string): string[] {
  return tokensOf(page).flatMap((token) => (token.type === 'codespan' ? [token.text] : []));
}

/** Returns the contents of all code spans, and the lines of all blocks of code. */
export function allCode(page: string): string[] {
  return tokensOf(page).flatMap((token) => {
    if (token.type === 'codespan') return [token.text];
    return token.type === 'code' ? token.text.split('\n') : [];
  });
}

/** Returns the targets of all links and images. */
export function linkTargets(page: string): string[] {
  return tokensOf(page).flatMap((token) => (token.type === 'link' || token.type === 'image' ? [token.href] : []));
}

/** Returns the anchors that GitHub gives to the headings, see https://docs.github.com/get-started/writing-on-github. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return tokensOf(page).flatMap((token) => {
    if (token.type !== 'heading') return [];
    const text = token.text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return [count === 0 ? anchor : `${anchor}-${count}`];
  });
}

/** Returns the text on one line, with single spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
