// A rich text ("post") as Markdown: what the model reads.
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

/** `elements` is the name in a card that is read back. */
const post = z.object({ title: text, content: z.unknown().optional(), elements: z.unknown().optional() });
const record = z.record(z.string(), z.unknown());

export interface Post {
  /** Title and paragraphs. */
  text: string;
  /** Whether there is more than pictures. */
  words: boolean;
  media: Attachment[];
}

/** Content that is no post reads as an empty one. */
export function readPost(json: unknown, names: ReadonlyMap<string, string>): Post {
  const { title, paragraphs } = translationOf(json);
  const lines = paragraphs.map((line) => line.map((item) => write(item, names)).join(''));
  const all = paragraphs.flat();
  return {
    text: [title, ...lines].join('\n'),
    words: !isBlank(title) || all.some((item) => mediaOf(item) === undefined && !isBlank(write(item, names))),
    media: all.flatMap((item) => mediaOf(item) ?? []),
  };
}

/**
 * A post comes bare (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/im-v1/message/events/message_content), or by
 * language and under `post`, as it is sent. Translations say the same, so the first one with content is read.
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

function write(item: Element, names: ReadonlyMap<string, string>): string {
  const { tag, text, href, user_id, user_name, language, emoji_type } = item;
  const media = mediaOf(item);
  if (media) return `[${media}]`;
  if (tag === 'a') return href === '' || href === text ? text : `[${text}](${href})`;
  // Mentions name a placeholder of the message's list, or a person the list does not have.
  if (tag === 'at') return names.get(user_id) ?? `@${user_name || 'someone'}`;
  if (tag === 'code_block') return fenced(text.replace(/\n$/, ''), language.toLowerCase());
  if (tag === 'emotion') return `:${emoji_type}:`;
  if (tag === 'hr') return '---';
  return withNames(text, names);
}

/** Between fences that are longer than any in the code. */
function fenced(code: string, language: string): string {
  const longest = (code.match(/`{3,}/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}
