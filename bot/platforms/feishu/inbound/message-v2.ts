// Reads a user's message in schema 2.0 (event type `im.message.receive_v1`).
import { z } from 'zod';
import { languageOfNames } from '../../../domain/language.ts';
import type { InboundMessage } from '../../../domain/message.ts';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { FeishuTarget } from '../target.ts';
import { addressedByIds } from './addressed.ts';
import { type Content, isMentionAlone, readContent } from './content.ts';
import type { FeishuEvent } from './envelope.ts';
import { isBot, type Mentions, mentionedIds, mentionList, namesOf, ownMentions } from './mentions.ts';
import type { BotIdOf, ReadEvent } from './read-event.ts';

const anySender = z.object({ sender: z.object({ sender_type: z.string() }) });
const message = z.object({
  message_id: id,
  root_id: lenient(idOrEmpty),
  parent_id: lenient(idOrEmpty),
  thread_id: lenient(idOrEmpty),
  chat_id: id,
  chat_type: z.string(),
  message_type: z.string(),
  content: optional(z.string()),
  mentions: mentionList,
});
const messageOfPerson = z.object({
  sender: z.object({ sender_type: z.literal('user'), sender_id: z.object({ open_id: id }) }),
  message,
});
type Message = z.infer<typeof message>;

/** Reads a message of a person. Ignores bots, which may lack an `open_id`, because two bots would talk forever. */
export function readMessageV2(event: FeishuEvent, botIdOf: BotIdOf): ReadEvent {
  const parsed = messageOfPerson.safeParse(event.body);
  if (parsed.success) return readParsed(event, parsed.data, botIdOf);
  const from = anySender.safeParse(event.body).data?.sender.sender_type ?? 'user';
  return from === 'user' ? { kind: 'malformed' } : { kind: 'ignored', reason: 'bot_sender' };
}

/** Ignores group messages without a mention of the bot. While its id is unknown, keeps `mentions` for a later check. */
function readParsed(event: FeishuEvent, parsed: z.infer<typeof messageOfPerson>, botIdOf: BotIdOf): ReadEvent {
  const { sender, message } = parsed;
  const { message_id: messageId, chat_id: chatId, mentions = [] } = message;
  const { appId, eventId, tenantKey: externalTenantId } = event;
  const chatType = message.chat_type === 'p2p' ? 'p2p' : 'group';
  const ids = mentionedIds(mentions);
  const isGroup = chatType === 'group';
  const botId = isGroup && ids.length > 0 ? botIdOf(appId) : undefined;
  const addressed = addressedByIds({ chatType, mentions: ids }, botId);
  if (addressed === 'no') return { kind: 'ignored', reason: 'not_mentioned', messageId };
  // Private chats do not need the bot's id, which costs a call, because Feishu marks the only bot there.
  const content = contentOf(message, isGroup ? ownMentions(mentions, botId) : mentions.filter(isBot));
  if ('ignored' in content) return { kind: 'ignored', reason: content.ignored, messageId };
  const target: FeishuTarget = { chatId, chatType, messageId };
  // Members are listed without spreads, which needed a quarter of the time for processing a callback.
  const read: InboundMessage = {
    platform: 'feishu',
    appId,
    messageId,
    eventId,
    externalTenantId,
    chatId,
    chatType,
    userId: sender.sender_id.open_id,
    addressed,
    text: '',
    target,
  };
  if ('text' in content) read.text = content.text;
  else read.attachment = content.attachment;
  const topicId = topicOf(message);
  if (topicId) {
    read.topicId = topicId;
    target.threadId = topicId;
  }
  addContext(read, message);
  if (addressed === 'unknown') read.mentions = ids;
  return { kind: 'message', message: read };
}

function contentOf({ message_type: type, content = '', mentions = [] }: Message, own: Mentions): Content {
  const read = readContent(type, content, namesOf(mentions, own));
  return 'ignored' in read && isMentionAlone(type, content, own) ? { text: '' } : read;
}

/**
 * Returns the topic's id. Each message of a topic has a `thread_id`. The message that opens a topic can have the
 * topic's id as its `root_id` (https://github.com/openclaw/openclaw/issues/71438, read 2026-11).
 */
function topicOf({ thread_id, root_id }: Message): string | undefined {
  return thread_id || (root_id?.startsWith('omt_') ? root_id : undefined);
}

function addContext(read: InboundMessage, { parent_id, mentions = [] }: Message): void {
  const language = languageOfNames(...mentions.map(({ name }) => name));
  if (parent_id?.startsWith('om_')) read.quotedId = parent_id;
  if (language) read.language = language;
}
