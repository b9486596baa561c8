// Stores the messages in the chats of the fake Feishu, from users and from the bot.
import { BoundedMap } from '../common/bounded-map.ts';
import type { SentMessage } from '../common/sent-log.ts';
import type { ChatType } from './directory.ts';

/** One message, as the API knows it. */
export interface LabMessage {
  chatId: string;
  /** The bot's own message, as in `sent`. Missing for a user's message. */
  sent?: SentMessage;
  /** Kind of the message's chat. Missing for the bot's own messages, which the bot may always read. */
  chatType?: ChatType;
  /** The message as the API answers it. */
  stored?: object;
  recalled?: boolean;
}

/** Messages by id. */
export type MessageStore = Map<string, LabMessage>;

/** Creates a store of the newest 50,000 messages. */
export function createMessageStore(): MessageStore {
  return new BoundedMap(50_000);
}
