// Renders Markdown as a Feishu card, post or text, and splits it into parts that fit.

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
export interface FeishuMessage {
  msg_type: 'interactive' | 'post' | 'text';
  content: string;
}

/**
 * A card or post request may have 30 KB; the rest is for the receiver's id and the JSON around the text
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create, read 2026-11).
 */
const MAX_PART_BYTES = 29_000;
/** Maximum number of tables in a card. Reports of Feishu's limit differ: 3 or 5. */
export const MAX_TABLES = 3;
/** Maximum number of parts with tables. An answer with thousands of small tables would become thousands of cards. */
const MAX_PARTS = 40;

/** Renders a part of `splitFeishu`, or any other Markdown. Runs in linear time. */
export function renderFeishu(format: FeishuFormat, markdown: string): FeishuMessage {
  if (format === 'text') return textOf(readable(markdown));
  if (format === 'post') {
    const content = [[{ tag: 'md', text: shown(markdown) }]];
    return { msg_type: 'post', content: JSON.stringify({ zh_cn: { content } }) };
  }
  return { msg_type: 'interactive', content: cardOf(markdown) };
}

/** Returns a text message. Feishu shows bracketed links and mentions in texts too, so both are disabled. */
export function textOf(text: string): FeishuMessage {
  return { msg_type: 'text', content: JSON.stringify({ text: withoutMentions(withoutActiveLinks(text)) }) };
}

/** Returns the plain text. An image without a description would leave an empty text, which Feishu rejects. */
function readable(markdown: string): string {
  const text = toPlainText(markdown);
  return isBlank(text) ? markdown : text;
}

/**
 * Returns the JSON of a card of schema 2.0. `update_multi` is required for updates, which all readers then see
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/patch, read 2026-11).
 */
export function cardOf(markdown: string): string {
  const element = { tag: 'markdown', content: shown(markdown) };
  return JSON.stringify({ schema: '2.0', config: { update_multi: true }, body: { elements: [element] } });
}

/** Returns the formats to try for a part, best first. With `auto`, Markdown without marks is sent as text. */
export function formatsFor(markdown: string, preferred: FeishuFormat | 'auto'): FeishuFormat[] {
  const all: FeishuFormat[] = ['card', 'post', 'text'];
  const first = preferred === 'auto' ? (isPlain(markdown) ? 'text' : 'card') : preferred;
  return all.slice(all.indexOf(first));
}

/** Splits an answer into parts that fit in each format. If there are too many tables, they stay lines of text. */
export function splitFeishu(markdown: string): string[] {
  // A lone surrogate cannot be shown, and its JSON escape needs six bytes.
  const safe = toSafeMarkdown(markdown.toWellFormed());
  const limits = { maxBytes: MAX_PART_BYTES, measure: (text: string) => wireSize(text, 2) };
  // Texts with too many lines are not scanned for tables.
  if (hasTooManyLines(safe)) return splitMarkdown(withoutRulers(safe), limits);
  const parts = splitMarkdown(safe, { ...limits, maxTables: MAX_TABLES });
  return parts.length > MAX_PARTS ? splitMarkdown(withoutTables(safe), limits) : parts;
}

/** Makes the ruler line below each table header invalid, so that clients show the table as lines of text. */
function withoutTables(markdown: string): string {
  const { texts, places } = scanLines(markdown);
  const isOfTable = (place: LinePlace | undefined) => place?.opens === 'table' || place?.inside?.kind === 'table';
  return texts
    .map((text, index) => (isOfTable(places[index]) && /^[\s|:-]+$/.test(text) ? `${BREAK}${text}` : text))
    .join('\n');
}

/** Returns the first part of `splitFeishu` without splitting the rest; undefined if there is nothing to show. */
export function firstPartOf(markdown: string): string | undefined {
  // A part has fewer characters than bytes.
  return splitFeishu(markdown.slice(0, MAX_PART_BYTES).toWellFormed())[0];
}

/**
 * Makes a part safe again, because a cut may separate a piece of code from its marks. Spaces beside emphasis were
 * added before the split.
 */
function shown(markdown: string): string {
  return toSafeMarkdown(markdown, { spaces: false });
}
