// Converts a rich text ("post") to Markdown for the model.
import { z } from 'zod';
import type { Attachment } from '../../../domain/message.ts';
import { listOf, MAX_ITEMS } from '../../shared/optional.ts';
import { isBlank } from '../../shared/text.ts';
import { withNames } from './mentions.ts';

const text = z.string().catch('');
const element = z.object({
  tag: z.string(),
  text,
  href: text,
  user_id: text,
  user_name: text,
  language: text,
  emoji_type: text,
});
type Element = z.infer<typeof element>;
const elements = listOf(element);

/** `elements` replaces `content` in a card that is read through the API. */
const post = z.object({ title: text, content: z.unknown().optional(), elements: z.unknown().optional() });
const record = z.record(z.string(), z.unknown());

export interface Post {
  /** Title and paragraphs. */
  text: string;
  /** True if the post has more than pictures and videos. */
  hasText: boolean;
  media: Attachment[];
}

/** Parses a post. Returns an empty post for other content. */
export function readPost(json: unknown, names: ReadonlyMap<string, string>): Post {
  const { title, paragraphs } = translationOf(json);
  const lines = paragraphs.map((line) => line.map((item) => toMarkdown(item, names)).join(''));
  const all = paragraphs.flat();
  return {
    text: [title, ...lines].join('\n'),
    hasText: !isBlank(title) || all.some((item) => mediaOf(item) === undefined && !isBlank(toMarkdown(item, names))),
    media: all.flatMap((item) => mediaOf(item) ?? []),
  };
}

/**
 * Returns the first translation with content, because all translations have the same meaning. A received post has no
 * language level (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/events/message_content, read
 * 2026-11). A post in the format for sending has languages, below `post`.
 */
function translationOf(json: unknown): { title: string; paragraphs: Element[][] } {
  const bare = bareOf(json);
  if (!isEmpty(bare)) return bare;
  const fields = record.safeParse(json).data ?? {};
  const { zh_cn, en_us, ...others } = record.safeParse(fields.post).data ?? fields;
  return [fields.post, zh_cn, en_us, ...Object.values(others)].map(bareOf).find((found) => !isEmpty(found)) ?? bare;
}

function bareOf(json: unknown): { title: string; paragraphs: Element[][] } {
  const { title, content, elements: ofCard } = post.safeParse(json).data ?? { title: '' };
  const list = Array.isArray(content) ? content : Array.isArray(ofCard) ? ofCard : [];
  const lines: unknown[] = list.slice(0, MAX_ITEMS);
  return { title, paragraphs: lines.map((line) => elements.parse(Array.isArray(line) ? line : [line])) };
}

function isEmpty({ title, paragraphs }: { title: string; paragraphs: Element[][] }): boolean {
  return title === '' && paragraphs.every((line) => line.length === 0);
}

function mediaOf({ tag }: Element): Attachment | undefined {
  if (tag === 'img') return 'image';
  return tag === 'media' ? 'video' : undefined;
}

function toMarkdown(item: Element, names: ReadonlyMap<string, string>): string {
  const { tag, text, href, user_id, user_name, language, emoji_type } = item;
  const media = mediaOf(item);
  if (media) return `[${media}]`;
  if (tag === 'a') return href === '' || href === text ? text : `[${text}](${href})`;
  // A mention contains a placeholder of the message's list, or the id of a person who is not in the list.
  if (tag === 'at') return names.get(user_id) ?? `@${user_name || 'someone'}`;
  if (tag === 'code_block') return fenced(text.replace(/\n$/, ''), language.toLowerCase());
  if (tag === 'emotion') return `:${emoji_type}:`;
  if (tag === 'hr') return '---';
  return withNames(text, names);
}

/** Returns a code block with fences that are longer than any fence in the code. */
function fenced(code: string, language: string): string {
  const longest = (code.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}
