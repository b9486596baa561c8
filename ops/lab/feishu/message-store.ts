// The messages in the chats of the fake Feishu: the users' and the bot's.
import { BoundedMap } from '../common/bounded-map.ts';
import type { SentMessage } from '../common/sent-log.ts';
import type { ChatType } from './directory.ts';

/** One message, as the API knows it. */
export interface LabMessage {
  chatId: string;
  /** The bot's own, as `sent` shows it; missing for a user's message. */
  sent?: SentMessage;
  /** Kind of its chat; missing for the bot's own, which it may always read. */
  chatType?: ChatType;
  /** As the API answers it. */
  stored?: object;
  recalled?: boolean;
}

/** By message id. */
export type MessageStore = Map<string, LabMessage>;

/** Creates a store of the newest 50,000. */
export function createMessageStore(): MessageStore {
  return new BoundedMap(50_000);
}
