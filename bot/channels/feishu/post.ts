// A rich text ("post") as Markdown: what the model reads.
import { z } from 'zod';
import type { Attachment } from '../channel.ts';
import { isBlank } from '../text.ts';
import { withNames } from './mentions.ts';

const text = z.string().catch('');
const post = z.object({ title: text, content: z.array(z.array(z.unknown())) });
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

export interface Post {
  /** Title and paragraphs. */
  text: string;
  /** Whether there is more than pictures. */
  words: boolean;
  media: Attachment[];
}

/** Of content that is no post nothing is left. */
export function readPost(json: unknown, names: ReadonlyMap<string, string>): Post {
  const { title, content } = post.safeParse(json).data ?? { title: '', content: [] };
  const paragraphs = content.map((line) => line.flatMap((item) => element.safeParse(item).data ?? []));
  const elements = paragraphs.flat();
  const lines = paragraphs.map((line) => line.map((item) => write(item, names)).join(''));
  return {
    text: [title, ...lines].join('\n'),
    words: !isBlank(title) || elements.some((item) => mediaOf(item) === undefined && !isBlank(write(item, names))),
    media: elements.flatMap((item) => mediaOf(item) ?? []),
  };
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
  if (tag === 'code_block') return `\`\`\`${language.toLowerCase()}\n${text.replace(/\n$/, '')}\n\`\`\``;
  if (tag === 'emotion') return `:${emoji_type}:`;
  if (tag === 'hr') return '---';
  return withNames(text, names);
}
