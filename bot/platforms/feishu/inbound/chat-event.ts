// Reads the events of a chat: the bot is added or removed, or the chat is disbanded.
import { z } from 'zod';
import { languageOfNames } from '../../../domain/language.ts';
import type { ChatEvent } from '../../../domain/message.ts';
import { id } from '../../shared/id.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuEvent } from './envelope.ts';
import { messageOfEvent } from './event-message.ts';
import type { ReadEvent } from './read-event.ts';

/** Optional, because the event is useful without its operator. */
const operatorId = lenient(id);
const person = lenient(z.object({ open_id: operatorId }));
/** Schema 1.0 has `open_chat_id` in two of its three events, and the operator as `operator` or `operator_open_id`. */
const chatEvent = z.object({
  chat_id: optional(id),
  open_chat_id: optional(id),
  /** Name of the group. */
  name: lenient(z.string()),
  chat_name: lenient(z.string()),
  operator_id: person,
  operator: person,
  operator_open_id: operatorId,
});

export function readChatEvent(source: FeishuEvent, event: ChatEvent): ReadEvent {
  const parsed = chatEvent.safeParse(source.body);
  const chatId = parsed.data?.chat_id ?? parsed.data?.open_chat_id;
  if (!parsed.success || chatId === undefined) return { kind: 'malformed' };
  const { operator_id, operator, operator_open_id, name, chat_name } = parsed.data;
  const target: FeishuTarget = { chatId, chatType: 'group' };
  const userId = operator_id?.open_id ?? operator?.open_id ?? operator_open_id ?? '';
  const language = languageOfNames(name, chat_name);
  const details = { userId, text: '', event, target, ...(language ? { language } : {}) };
  return { kind: 'message', message: messageOfEvent(source, details) };
}
