// What happens to the bot in a chat: it is added, removed, or the chat ends.
import { z } from 'zod';
import type { ChatEvent } from '../channel.ts';
import { id } from '../id.ts';
import type { FeishuEvent } from './envelope.ts';
import type { ReadEvent } from './event.ts';
import { messageOfEvent } from './event-message.ts';
import type { FeishuTarget } from './target.ts';

/** Who did it is of little use: an operator that cannot be read is left out. */
const operatorId = id.optional().catch(undefined);
const person = z.object({ open_id: operatorId }).optional().catch(undefined);
/** Schema 1.0 names the chat `open_chat_id` in two of its three events, and the operator in two ways. */
const happened = z.object({
  chat_id: id.optional(),
  open_chat_id: id.optional(),
  operator_id: person.optional(),
  operator: person.optional(),
  operator_open_id: operatorId,
});

export function readChatEvent(told: FeishuEvent, event: ChatEvent): ReadEvent {
  const parsed = happened.safeParse(told.body);
  const chatId = parsed.data?.chat_id ?? parsed.data?.open_chat_id;
  if (!parsed.success || chatId === undefined) return { kind: 'malformed' };
  const { operator_id, operator, operator_open_id } = parsed.data;
  const target: FeishuTarget = { chatId, chatType: 'group' };
  const userId = operator_id?.open_id ?? operator?.open_id ?? operator_open_id ?? '';
  return { kind: 'message', message: messageOfEvent(told, { userId, text: '', event, target }) };
}
