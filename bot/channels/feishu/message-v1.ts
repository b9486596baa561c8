// A user's message in schema 1.0: `message`.
import { z } from 'zod';
import { id } from '../id.ts';
import { type Content, nameAttachment, textOr } from './content.ts';
import type { FeishuEvent } from './envelope.ts';
import type { ReadEvent } from './event.ts';
import type { FeishuTarget } from './target.ts';

const messageEvent = z.object({
  open_message_id: id,
  open_chat_id: id,
  open_id: id,
  chat_type: z.string(),
  msg_type: z.string(),
  is_mention: z.boolean().nullish(),
  text: z.string().nullish(),
  text_without_at_bot: z.string().nullish(),
});

/** Here the platform itself says whether the bot is mentioned, and leaves the mention out. */
export function readMessageV1({ appId, eventId, tenantKey, body }: FeishuEvent): ReadEvent {
  const parsed = messageEvent.safeParse(body);
  if (!parsed.success) return { kind: 'malformed' };
  const { open_message_id: messageId, open_chat_id: chatId, open_id: userId } = parsed.data;
  const chatType = parsed.data.chat_type === 'group' ? 'group' : 'p2p';
  if (chatType === 'group' && !parsed.data.is_mention) return { kind: 'ignored', reason: 'not_mentioned', messageId };
  const content = readContentV1(parsed.data);
  if ('ignored' in content) return { kind: 'ignored', reason: content.ignored, messageId };
  const target: FeishuTarget = { chatId, chatType, messageId };
  const where = { platform: 'feishu', appId, messageId, eventId, externalTenantId: tenantKey } as const;
  return { kind: 'message', message: { ...where, chatId, chatType, userId, text: '', ...content, target } };
}

function readContentV1({ msg_type, text, text_without_at_bot }: z.infer<typeof messageEvent>): Content {
  if (msg_type !== 'text' && msg_type !== 'post') return nameAttachment(msg_type);
  // Others who are mentioned come as `<at open_id="…">@Tom</at>`.
  const named = (text_without_at_bot ?? text ?? '').replaceAll(/<at [^<>]*>([^<>]*)<\/at>/g, '$1');
  return textOr(named, msg_type === 'post' ? { attachment: 'image' } : undefined);
}
