// Defines a user's message in a form that is the same for all platforms.
import type { Language } from './language.ts';
import type { Platform } from './platform.ts';

/** A user's message, independent of the platform. Stored in the inbox as JSON. */
export interface InboundMessage {
  platform: Platform;
  appId: string;
  messageId: string;
  /** The platform's id of the delivery, or the message id if the platform has none. */
  eventId: string;
  /** Feishu `tenant_key`, DingTalk `chatbotCorpId`. */
  externalTenantId: string;
  chatId: string;
  chatType: 'p2p' | 'group';
  userId: string;
  /** Text without the mention of the bot. Empty for a mention alone, an attachment or an event. */
  text: string;
  /** Text of the quoted message, see `quoteOf`. */
  quote?: string;
  /** Id of the quoted message if the callback does not contain its text, see `readQuoted`. */
  quotedId?: string;
  /** Topic of the chat to which the message belongs. */
  topicId?: string;
  /** Language of the person, guessed from names, for a message without text. */
  language?: Language;
  /** Type of the attachment that was sent instead of text. The answer names it. */
  attachment?: Attachment;
  /** Set for an event that is no message. Events use the inbox too, so that redeliveries are detected. */
  event?: ChatEvent;
  addressed: Addressed;
  /** Ids of the mentioned people. Set if `addressed` is `unknown`. */
  mentions?: string[];
  /** Address of the answer. Only the channel reads it. */
  target: unknown;
}

/**
 * Whether the message is for the bot. `unknown`: the channel did not know the bot's own id yet, and decides by `mentions`
 * later, see `isAddressed`. A message for others (`no`) is ignored as `not_mentioned` and not stored.
 */
export type Addressed = 'yes' | 'no' | 'unknown';
export type Attachment = 'image' | 'file' | 'audio' | 'video' | 'sticker' | 'location' | 'card' | 'other';
export type ChatEvent = 'bot_added' | 'bot_removed' | 'chat_disbanded';
