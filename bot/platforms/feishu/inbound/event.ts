// Dispatches Feishu's events to their readers by event type.
import { readCardAction } from './card-action.ts';
import { readChatEvent } from './chat-event.ts';
import type { FeishuEvent } from './envelope.ts';
import { readMessageV1 } from './message-v1.ts';
import { readMessageV2 } from './message-v2.ts';
import type { BotIdOf, ReadEvent } from './read-event.ts';

type Reader = (event: FeishuEvent, botIdOf: BotIdOf) => ReadEvent;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['im.message.receive_v1', readMessageV2],
  ['message', readMessageV1],
  ['card.action.trigger', readCardAction],
  ['im.chat.member.bot.added_v1', (event) => readChatEvent(event, 'bot_added')],
  ['add_bot', (event) => readChatEvent(event, 'bot_added')],
  ['im.chat.member.bot.deleted_v1', (event) => readChatEvent(event, 'bot_removed')],
  ['remove_bot', (event) => readChatEvent(event, 'bot_removed')],
  ['im.chat.disbanded_v1', (event) => readChatEvent(event, 'chat_disbanded')],
  ['chat_disband', (event) => readChatEvent(event, 'chat_disbanded')],
]);

/** Known events without a use here. They are not reported as unknown, which would hint at a change of the platform. */
const unused: ReadonlySet<string> = new Set([
  'im.message.message_read_v1',
  'im.message.recalled_v1',
  'im.message.reaction.created_v1',
  'im.message.reaction.deleted_v1',
  'im.chat.access_event.bot_p2p_chat_entered_v1',
  'im.chat.updated_v1',
  'im.chat.member.user.added_v1',
  'im.chat.member.user.deleted_v1',
  'im.chat.member.user.withdrawn_v1',
  'application.bot.menu_v6',
  'message_read',
  'p2p_chat_create',
  'add_user_to_chat',
  'remove_user_from_chat',
  'revoke_add_user_from_chat',
  'app_open',
  'app_status_change',
]);

/** Reads a genuine event of either schema. */
export function readEvent(event: FeishuEvent, botIdOf: BotIdOf): ReadEvent {
  const read = readers.get(event.eventType);
  if (read) return read(event, botIdOf);
  return { kind: 'ignored', reason: unused.has(event.eventType) ? 'unused_event_type' : 'unknown_event_type' };
}
