// Markdown in the forms DingTalk shows: its dialect, its three kinds of message, parts that fit.

import { RenderError } from '../../../domain/delivery.ts';
import { hasTooManyLines } from '../../shared/markdown/budget.ts';
import { splitMarkdown } from '../../shared/markdown/split-markdown.ts';
import { withoutActiveLinks, withoutMentions } from '../../shared/markdown/targets.ts';
import { isPlain, toPlainText } from '../../shared/markdown/to-plain-text.ts';
import { toSafeMarkdown } from '../../shared/markdown/to-safe-markdown.ts';
import { wireSize } from '../../shared/markdown/wire-size.ts';
import { cleanText } from '../../shared/text.ts';
import type { DingtalkSettings } from '../app.ts';
import { type Buttons, findCard } from './action-card.ts';
import { toDialect } from './dialect.ts';

export type ReplyFormat = DingtalkSettings['DINGTALK_REPLY_FORMAT'];

/** `title` is what the list of chats and the notification show. */
export type Rendered =
  | { kind: 'text'; content: string }
  | { kind: 'markdown'; title: string; text: string }
  | { kind: 'actionCard'; title: string; text: string; buttons: Buttons };

/**
 * `msgParam` of the API may have 15,000 bytes, the body of a webhook 20,000 (460101). The smaller one holds for both,
 * because the way may change from one to the other; the rest is for the title, the names of members and a mention.
 */
const MAX_PART_BYTES = 14_000;

const MAX_TITLE_CHARACTERS = 40;

/** A heading, a quote, a list, a fence, a table, a link, or something bold, in code or crossed out. */
const MARKDOWN = /^ {0,3}(#{1,6} |> ?\S|[-*+] |\d{1,9}[.)] |`{3}|~{3}|\|.*\|)|\*\*\S|`[^`\n]+`|~~\S|\]\(\w/m;

/** Parts that fit, as JSON has them: quotes, backslashes and line ends take two bytes there. */
export function splitForDingtalk(markdown: string, format: ReplyFormat): string[] {
  const lines = cleanText(markdown).replaceAll(/\r\n?/g, '\n');
  // Control characters show nothing and take six bytes each.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const text = lines.replaceAll(/[\u0001-\u0008\u000b-\u001f\u007f]+/g, '');
  const shown = isMarkdown(text, format) ? toDialect(toSafeMarkdown(text)) : withoutMentions(text);
  const parts = splitMarkdown(shown, { maxBytes: MAX_PART_BYTES, measure: (piece) => wireSize(piece, 1) });
  // Only the end of the answer gets buttons: the line end keeps a part that goes on from being taken for it.
  return parts.map((part, index) => (index < parts.length - 1 && findCard(part) ? `${part}\n` : part));
}

/** The forms to try for a part, best first. A plain answer goes as text, which shows every sign as it was written. Throws `RenderError`. */
export function formsForDingtalk(part: string, format: ReplyFormat): [Rendered, ...Rendered[]] {
  try {
    return renderForms(part, format);
  } catch (error) {
    throw new RenderError(error);
  }
}

function renderForms(part: string, format: ReplyFormat): [Rendered, ...Rendered[]] {
  if (!isMarkdown(part, format)) return [textOf(part)];
  // The dialect joins cells, and a cut may have left a piece of a line without what made it code.
  const text = toSafeMarkdown(part, { spaces: false });
  const markdown: Rendered = { kind: 'markdown', title: titleOf(text), text };
  const card = format === 'auto' ? findCard(text) : undefined;
  if (card === undefined) return [markdown, textOf(part)];
  return [{ kind: 'actionCard', title: titleOf(card.text), ...card }, markdown, textOf(part)];
}

/** A text message: the form that needs no rendering. */
export function textOf(text: string): Rendered {
  return { kind: 'text', content: withoutMentions(withoutActiveLinks(text)) };
}

function isMarkdown(text: string, format: ReplyFormat): boolean {
  if (format !== 'auto') return format === 'markdown';
  return !hasTooManyLines(text) && (MARKDOWN.test(text) || !isPlain(text));
}

/** The first heading or else the first line, without marks. */
function titleOf(text: string): string {
  const heading = /^ {0,3}#{1,6} +(\S.*)/m.exec(text)?.[1];
  const line = heading ?? text.split('\n').find((candidate) => /[\p{L}\p{N}]/u.test(candidate)) ?? text;
  const start = line.slice(0, 10 * MAX_TITLE_CHARACTERS).replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1');
  const plain = toPlainText(start)
    .replace(/^[\s>#*+-]+/, '')
    .trim();
  return [...(plain || text.trim())].slice(0, MAX_TITLE_CHARACTERS).join('');
}
