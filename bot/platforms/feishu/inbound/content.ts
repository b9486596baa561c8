// Parses the content of a Feishu message by its type into text or the name of an attachment.
import { z } from 'zod';
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import type { Attachment } from '../../../domain/message.ts';
import { parseJson } from '../../../runtime/json.ts';
import { cleanText, isBlank } from '../../shared/text.ts';
import { type Mentions, withNames } from './mentions.ts';
import { readPost } from './post.ts';

export type Content = { text: string } | { attachment: Attachment } | { ignored: PlatformIgnoredReason };

const attachments: ReadonlyMap<string, Attachment> = new Map<string, Attachment>([
  ['image', 'image'],
  ['file', 'file'],
  ['folder', 'file'],
  ['audio', 'audio'],
  ['media', 'video'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['interactive', 'card'],
]);

const textContent = z.object({ text: z.string() });

/** Parses `content`, which is JSON in a string. It is empty if the message was recalled before its delivery. */
export function readContent(type: string, content: string, names: ReadonlyMap<string, string>): Content {
  const json = parseJson(content);
  if (type === 'text') return textOr(withNames(textContent.safeParse(json).data?.text ?? '', names));
  if (type === 'post') return textOrPicture(readPost(json, names));
  return content === '' ? { ignored: 'empty_text' } : nameAttachment(type);
}

/**
 * Returns true for a message with nothing but the bot's mention, which the bot answers with a greeting. A recalled
 * message has no mention.
 */
export function isMentionAlone(type: string, content: string, own: Mentions): boolean {
  const named = new Map(own.flatMap(({ key, id }) => [[key, key] as const, [id?.open_id ?? key, key] as const]));
  return own.length > 0 && 'text' in readContent(type, content, named);
}

/** Returns the name of an attachment. System notices such as "Tom joined" are ignored, because they have no author. */
export function nameAttachment(type: string): Content {
  return type === 'system' ? { ignored: 'not_text' } : { attachment: attachments.get(type) ?? 'other' };
}

export function textOr(raw: string, otherwise: Content = { ignored: 'empty_text' }): Content {
  const text = cleanText(raw);
  return isBlank(text) ? otherwise : { text };
}

function textOrPicture({ text, hasText, media }: ReturnType<typeof readPost>): Content {
  const [first] = media;
  return hasText || first === undefined ? textOr(text) : { attachment: first };
}
