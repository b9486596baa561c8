// A user's message in schema 2.0: `im.message.receive_v1`.
import { z } from 'zod';
import { id, idOrEmpty } from '../id.ts';
import { readContent } from './content.ts';
import type { FeishuEvent } from './envelope.ts';
import type { BotIdOf, ReadEvent } from './event.ts';
import { mentionedIds, mentionList, namesOf, ownMention } from './mentions.ts';
import type { FeishuTarget } from './target.ts';

const anySender = z.object({ sender: z.object({ sender_type: z.string() }) });
const messageEvent = z.object({
  sender: z.object({ sender_id: z.object({ open_id: id }) }),
  message: z.object({
    message_id: id,
    thread_id: idOrEmpty.nullish(),
    chat_id: id,
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: mentionList,
  }),
});

/** Only people are answered: two bots in one group would talk for ever. A bot need not have an `open_id`. */
export function readMessageV2(event: FeishuEvent, botIdOf: BotIdOf): ReadEvent {
  const from = anySender.safeParse(event.body);
  if (!from.success) return { kind: 'malformed' };
  if (from.data.sender.sender_type !== 'user') return { kind: 'ignored', reason: 'bot_sender' };
  const parsed = messageEvent.safeParse(event.body);
  return parsed.success ? readParsed(event, parsed.data, botIdOf) : { kind: 'malformed' };
}

/** In a group only what mentions the bot is for it; while its id is not known, `mentions` lets it be judged later. */
function readParsed(
  event: FeishuEvent,
  { sender, message }: z.infer<typeof messageEvent>,
  botIdOf: BotIdOf,
): ReadEvent {
  const { message_id: messageId, chat_id: chatId, thread_id: threadId } = message;
  const chatType = message.chat_type === 'p2p' ? 'p2p' : 'group';
  const mentions = message.mentions ?? [];
  const ids = mentionedIds(mentions);
  const isGroup = chatType === 'group';
  const botId = isGroup && ids.length > 0 ? botIdOf(event.appId) : undefined;
  if (isGroup && (ids.length === 0 || (botId !== undefined && !ids.includes(botId)))) {
    return { kind: 'ignored', reason: 'not_mentioned', messageId };
  }
  const names = namesOf(mentions, isGroup ? ownMention(mentions, botId) : undefined);
  const content = readContent(message.message_type, message.content, names);
  if ('ignored' in content) return { kind: 'ignored', reason: content.ignored, messageId };
  const target: FeishuTarget = { chatId, chatType, messageId, ...(threadId ? { threadId } : {}) };
  const { appId, eventId, tenantKey: externalTenantId } = event;
  const where = { platform: 'feishu', appId, messageId, eventId, externalTenantId, chatId, chatType } as const;
  const undecided = isGroup && botId === undefined ? { mentions: ids } : {};
  const userId = sender.sender_id.open_id;
  return { kind: 'message', message: { ...where, userId, text: '', ...content, ...undecided, target } };
}
