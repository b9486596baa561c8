// A user's message in the form that every platform's messages are turned into.
import type { Language } from './language.ts';
import type { Platform } from './platform.ts';

/** A user's message, without the platform's shape. Kept in the inbox as JSON. */
export interface InboundMessage {
  platform: Platform;
  appId: string;
  messageId: string;
  /** The platform's id of the delivery, or the message id where it has none. */
  eventId: string;
  /** Feishu `tenant_key`, DingTalk `chatbotCorpId`. */
  externalTenantId: string;
  chatId: string;
  chatType: 'p2p' | 'group';
  userId: string;
  /** Text without the bot's mention; empty for a mention alone, an attachment and an event. */
  text: string;
  /** Text of the message that this one replies to, see `quoteOf`. */
  quote?: string;
  /** Id of that message, where the callback leaves its text out, see `readQuoted`. */
  quotedId?: string;
  /** The topic of the chat that the message belongs to. */
  topicId?: string;
  /** Language of the person, as far as names around a message without text show it. */
  language?: Language;
  /** Kind of the attachment that was sent instead of text; the answer names it. */
  attachment?: Attachment;
  /** Set for an event that is no message. It passes the inbox too, so that it counts once. */
  event?: ChatEvent;
  /** Ids of the mentioned people, kept only while the channel does not know the bot's own id, see `isAddressed`. */
  mentions?: string[];
  /** Address of the answer; only the channel reads it. */
  target: unknown;
}

export type Attachment = 'image' | 'file' | 'audio' | 'video' | 'sticker' | 'location' | 'card' | 'other';
export type ChatEvent = 'bot_added' | 'bot_removed' | 'chat_disbanded';
