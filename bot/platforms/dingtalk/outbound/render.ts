// Renders Markdown as DingTalk's text, markdown or action card, and splits it into parts that fit.
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

/** A rendered message. The list of chats and notifications show `title`. */
export type DingtalkMessage =
  | { kind: 'text'; content: string }
  | { kind: 'markdown'; title: string; text: string }
  | { kind: 'actionCard'; title: string; text: string; buttons: Buttons };

/**
 * `msgParam` of the API may have 15,000 bytes, the body of a webhook 20,000 (error 460101). The smaller limit is used
 * for both, because a part may switch from the webhook to the API. The rest is for title, member names and a mention.
 */
export const MAX_PART_BYTES = 14_000;

const MAX_TITLE_CHARACTERS = 40;

/** Matches a heading, quote, list, fence, table, link, or bold, code or strikethrough text. */
const MARKDOWN = /^ {0,3}(#{1,6} |> ?\S|[-*+] |\d{1,9}[.)] |`{3}|~{3}|\|.*\|)|\*\*\S|`[^`\n]+`|~~\S|\]\(\w/m;

/** Splits an answer into parts that fit as JSON, where quotes, backslashes and line ends need two bytes. */
export function splitForDingtalk(markdown: string, format: ReplyFormat): string[] {
  const lines = cleanText(markdown).replaceAll(/\r\n?/g, '\n');
  // Control characters are invisible and need six bytes each.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern removes control characters
  const text = lines.replaceAll(/[\u0001-\u0008\u000b-\u001f\u007f]+/g, '');
  const shown = isMarkdown(text, format) ? toDialect(toSafeMarkdown(text)) : withoutMentions(text);
  const parts = splitMarkdown(shown, { maxBytes: MAX_PART_BYTES, measure: (piece) => wireSize(piece, 1) });
  // Only the last part gets buttons. A line end prevents `findCard` from matching the others.
  return parts.map((part, index) => (index < parts.length - 1 && findCard(part) ? `${part}\n` : part));
}

/**
 * Returns the forms to try for a part, best first. A plain answer is sent as text, which shows all characters as they
 * are. Throws `RenderError`.
 */
export function formsForDingtalk(part: string, format: ReplyFormat): [DingtalkMessage, ...DingtalkMessage[]] {
  try {
    return renderForms(part, format);
  } catch (error) {
    throw new RenderError(error);
  }
}

function renderForms(part: string, format: ReplyFormat): [DingtalkMessage, ...DingtalkMessage[]] {
  if (!isMarkdown(part, format)) return [textOf(part)];
  // The part must be made safe again, because the dialect joins cells and a cut may separate code from its marks.
  const text = toSafeMarkdown(part, { spaces: false });
  const markdown: DingtalkMessage = { kind: 'markdown', title: titleOf(text), text };
  const card = format === 'auto' ? findCard(text) : undefined;
  if (card === undefined) return [markdown, textOf(part)];
  return [{ kind: 'actionCard', title: titleOf(card.text), ...card }, markdown, textOf(part)];
}

/** Returns a text message, which needs no rendering. */
export function textOf(text: string): DingtalkMessage {
  return { kind: 'text', content: withoutMentions(withoutActiveLinks(text)) };
}

function isMarkdown(text: string, format: ReplyFormat): boolean {
  if (format !== 'auto') return format === 'markdown';
  return !hasTooManyLines(text) && (MARKDOWN.test(text) || !isPlain(text));
}

/** Returns the first heading, or else the first line, without marks. */
function titleOf(text: string): string {
  const heading = /^ {0,3}#{1,6} +(\S.*)/m.exec(text)?.[1];
  const line = heading ?? text.split('\n').find((candidate) => /[\p{L}\p{N}]/u.test(candidate)) ?? text;
  const start = line.slice(0, 10 * MAX_TITLE_CHARACTERS).replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1');
  const plain = toPlainText(start)
    .replace(/^[\s>#*+-]+/, '')
    .trim();
  return [...(plain || text.trim())].slice(0, MAX_TITLE_CHARACTERS).join('');
}
