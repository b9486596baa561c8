// A user's message in schema 2.0: `im.message.receive_v1`.
import { z } from 'zod';
import type { InboundMessage } from '../channel.ts';
import { readContent } from './content.ts';
import { type FeishuEvent, id } from './envelope.ts';
import type { BotIdOf, ReadEvent } from './event.ts';
import { mentionedIds, mentionList, namesOf } from './mentions.ts';
import type { FeishuTarget } from './target.ts';

const anySender = z.object({ sender: z.object({ sender_type: z.string() }) });
const messageEvent = z.object({
  sender: z.object({ sender_id: z.object({ open_id: id }) }),
  message: z.object({
    message_id: id,
    thread_id: id.optional(),
    chat_id: id,
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: mentionList,
  }),
});

/** In a group only what mentions the bot is for it; while its id is not known, `mentions` lets it be judged later. */
export function readMessageV2(event: FeishuEvent, botIdOf: BotIdOf): ReadEvent {
  // Only people are answered: two bots in one group would talk for ever. A bot need not have an `open_id`.
  const from = anySender.safeParse(event.body);
  if (!from.success) return { kind: 'malformed' };
  if (from.data.sender.sender_type !== 'user') return { kind: 'ignored', reason: 'bot_sender' };
  const parsed = messageEvent.safeParse(event.body);
  if (!parsed.success) return { kind: 'malformed' };
  const { sender, message } = parsed.data;
  const { message_id: messageId, chat_id: chatId, thread_id: threadId, mentions = [] } = message;
  const chatType = message.chat_type === 'p2p' ? 'p2p' : 'group';
  const ids = mentionedIds(mentions);
  const botId = ids.length === 0 ? undefined : botIdOf(event.appId);
  if (chatType === 'group' && (ids.length === 0 || (botId !== undefined && !ids.includes(botId)))) {
    return { kind: 'ignored', reason: 'not_mentioned', messageId };
  }
  const content = readContent(message.message_type, message.content, namesOf(mentions, botId));
  if ('ignored' in content) return { kind: 'ignored', reason: content.ignored, messageId };
  const target: FeishuTarget = { chatId, chatType, messageId, ...(threadId ? { threadId } : {}) };
  const read: InboundMessage = {
    platform: 'feishu',
    appId: event.appId,
    messageId,
    eventId: event.eventId,
    externalTenantId: event.tenantKey,
    chatId,
    chatType,
    userId: sender.sender_id.open_id,
    text: '',
    ...content,
    ...(chatType === 'group' && botId === undefined ? { mentions: ids } : {}),
    target,
  };
  return { kind: 'message', message: read };
}
