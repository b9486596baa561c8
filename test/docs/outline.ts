// Reads the parts of a Markdown text that do not depend on its language.
import { lexer, type Token, walkTokens } from 'marked';

/** A heading and everything up to the next heading. */
export interface Section {
  /** 1 to 6; 0 for the text before the first heading. */
  level: number;
  /** Contents without the comments after `#`. */
  codeBlocks: string[];
  codeSpans: Set<string>;
  /** Targets of links and images, without anchors and `.zh-CN`. */
  links: Set<string>;
  /** Columns and rows of each table. */
  tables: string[];
  listItems: number;
}

export function outline(markdown: string): Section[] {
  const sections = [newSection(0)];
  for (const token of lexer(markdown)) {
    if (token.type === 'heading') sections.push(newSection(token.depth));
    const section = sections.at(-1);
    if (section) walkTokens([token], (inner) => addTo(section, inner));
  }
  return sections;
}

function newSection(level: number): Section {
  return { level, codeBlocks: [], codeSpans: new Set(), links: new Set(), tables: [], listItems: 0 };
}

function addTo(section: Section, token: Token): void {
  if (token.type === 'code') section.codeBlocks.push(withoutComments(token.text));
  if (token.type === 'codespan') section.codeSpans.add(token.text);
  if (token.type === 'link' || token.type === 'image') section.links.add(commonTarget(token.href));
  if (token.type === 'table') section.tables.push(`${token.header.length} columns, ${token.rows.length} rows`);
  if (token.type === 'list_item') section.listItems += 1;
}

function withoutComments(code: string): string {
  return code.replaceAll(/(?:^|[ \t]+)#.*$/gm, '');
}

function commonTarget(href: string): string {
  return href.replace(/#.*$/, '').replace('.zh-CN', '');
}
