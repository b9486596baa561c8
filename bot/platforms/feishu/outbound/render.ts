// Markdown in the formats Feishu accepts: a card, a post, a text.

import { BREAK } from '../../shared/markdown/breakable.ts';
import { hasTooManyLines } from '../../shared/markdown/budget.ts';
import { withoutRulers } from '../../shared/markdown/rules.ts';
import { type LinePlace, scanLines } from '../../shared/markdown/scan-lines.ts';
import { splitMarkdown } from '../../shared/markdown/split-markdown.ts';
import { withoutActiveLinks, withoutMentions } from '../../shared/markdown/targets.ts';
import { isPlain, toPlainText } from '../../shared/markdown/to-plain-text.ts';
import { toSafeMarkdown } from '../../shared/markdown/to-safe-markdown.ts';
import { wireSize } from '../../shared/markdown/wire-size.ts';
import { isBlank } from '../../shared/text.ts';

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
/** More parts than an answer makes by its length alone: thousands of small tables would make thousands of cards. */
const MAX_PARTS = 40;

/** A part of `splitFeishu`, or any other Markdown. Linear in the text. */
export function renderFeishu(format: FeishuFormat, markdown: string): Rendered {
  if (format === 'text') return textOf(readable(markdown));
  if (format === 'post') {
    const content = [[{ tag: 'md', text: shown(markdown) }]];
    return { msg_type: 'post', content: JSON.stringify({ zh_cn: { content } }) };
  }
  return { msg_type: 'interactive', content: cardOf(markdown) };
}

/** A text message shows links in brackets as links, too, and mentions. */
export function textOf(text: string): Rendered {
  return { msg_type: 'text', content: JSON.stringify({ text: withoutMentions(withoutActiveLinks(text)) }) };
}

/** Of an image without words nothing would be left, and an empty text is refused. */
function readable(markdown: string): string {
  const text = toPlainText(markdown);
  return isBlank(text) ? markdown : text;
}

/** A card of schema 2.0. `update_multi` lets all who see it see its updates. */
export function cardOf(markdown: string): string {
  const element = { tag: 'markdown', content: shown(markdown) };
  return JSON.stringify({ schema: '2.0', config: { update_multi: true }, body: { elements: [element] } });
}

/** The formats to try for a part, best first. `auto`: a text does for what has no marks. */
export function formatsFor(markdown: string, preferred: FeishuFormat | 'auto'): FeishuFormat[] {
  const all: FeishuFormat[] = ['card', 'post', 'text'];
  const first = preferred === 'auto' ? (isPlain(markdown) ? 'text' : 'card') : preferred;
  return all.slice(all.indexOf(first));
}

/** Parts that fit in each format. Too many tables are shown as they were written. */
export function splitFeishu(markdown: string): string[] {
  // Half a character cannot be shown, and its escape takes six bytes.
  const safe = toSafeMarkdown(markdown.toWellFormed());
  const limits = { maxBytes: MAX_PART_BYTES, measure: (text: string) => wireSize(text, 2) };
  // No tables are counted in such a text.
  if (hasTooManyLines(safe)) return splitMarkdown(withoutRulers(safe), limits);
  const parts = splitMarkdown(safe, { ...limits, maxTables: MAX_TABLES });
  return parts.length > MAX_PARTS ? splitMarkdown(withoutTables(safe), limits) : parts;
}

/** Breaks the line below each header, so that clients see lines of text. */
function withoutTables(markdown: string): string {
  const { texts, places } = scanLines(markdown);
  const isOfTable = (place: LinePlace | undefined) => place?.opens === 'table' || place?.inside?.kind === 'table';
  return texts
    .map((text, index) => (isOfTable(places[index]) && /^[\s|:-]+$/.test(text) ? `${BREAK}${text}` : text))
    .join('\n');
}

/** The first of `splitFeishu`, without the work for the others; undefined when there is nothing to show. */
export function firstPartOf(markdown: string): string | undefined {
  // A part has fewer characters than bytes.
  return splitFeishu(markdown.slice(0, MAX_PART_BYTES).toWellFormed())[0];
}

/** A cut may have left a piece of a line without what made it code; spaces beside emphasis are there already. */
function shown(markdown: string): string {
  return toSafeMarkdown(markdown, { spaces: false });
}
