// Markdown in the formats Feishu takes: a card, a post, a text.
import { scanLines } from '../markdown/scan-lines.ts';
import { splitMarkdown } from '../markdown/split-markdown.ts';
import { isPlain, toPlainText } from '../markdown/to-plain-text.ts';
import { isBlank } from '../text.ts';

export type FeishuFormat = 'card' | 'post' | 'text';

/** `msg_type` and `content` of a request. */
export interface Rendered {
  msg_type: 'interactive' | 'post' | 'text';
  content: string;
}

/** A card or post request may have 30 KB; the rest is for the address and what stands around the text. */
const MAX_PART_BYTES = 29_000;
/** Reports of the platform's limit differ: 3 or 5. */
const MAX_TABLES = 3;

export function renderFeishu(format: FeishuFormat, markdown: string): Rendered {
  if (format === 'text') return { msg_type: 'text', content: JSON.stringify({ text: harmless(readable(markdown)) }) };
  if (format === 'post') {
    const content = [[{ tag: 'md', text: harmless(markdown) }]];
    return { msg_type: 'post', content: JSON.stringify({ zh_cn: { content } }) };
  }
  return { msg_type: 'interactive', content: cardOf(markdown) };
}

/** Of an image without words nothing would be left, and an empty text is refused. */
function readable(markdown: string): string {
  const text = toPlainText(markdown);
  return isBlank(text) ? markdown : text;
}

/** A card of schema 2.0. `update_multi` lets all who see it see its updates. */
export function cardOf(markdown: string): string {
  const element = { tag: 'markdown', content: harmless(withoutImages(markdown)) };
  return JSON.stringify({ schema: '2.0', config: { update_multi: true }, body: { elements: [element] } });
}

/** The formats to try for a part, best first. `auto`: a text does for what has no marks. */
export function formatsFor(markdown: string, preferred: FeishuFormat | 'auto'): FeishuFormat[] {
  const all: FeishuFormat[] = ['card', 'post', 'text'];
  const first = preferred === 'auto' ? (isPlain(markdown) ? 'text' : 'card') : preferred;
  return all.slice(all.indexOf(first));
}

/** Parts that fit in each format. */
export function splitFeishu(markdown: string): string[] {
  return splitMarkdown(markdown, { maxBytes: MAX_PART_BYTES, maxTables: MAX_TABLES, measure: sizeOnWire });
}

/** The content is JSON in a string in JSON: a quotation mark takes four bytes. */
function sizeOnWire(text: string): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(harmless(text)))) - '"\\"\\""'.length;
}

/** `<at id=all>` in an answer would call the whole group; a zero-width space leaves it to be read only. */
export function harmless(text: string): string {
  return text.replaceAll(/<(?=\/?(?:at|person)\b)/gi, '<\u200b');
}

/** Cards show images of their own uploads only, and one foreign address makes the whole card refused. */
function withoutImages(markdown: string): string {
  if (!markdown.includes('![')) return markdown;
  const { lines } = scanLines(markdown);
  return lines.map(({ text, inside }) => (inside?.kind === 'fence' ? text : text.replaceAll('![', '['))).join('\n');
}
