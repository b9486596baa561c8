// Stores the messages that a fake platform accepted from the bot, and waits for the next reply in a chat.
import { BoundedMap } from './bounded-map.ts';

/** A message of the bot that the platform accepted. */
export interface SentMessage {
  /** The platform's id of the message. */
  messageId: string;
  chatId: string;
  /** The readable text, for every message type. */
  text: string;
  /** The platform's name of the message type. */
  type: string;
  /** API that sent it: `create`, `reply`, `thread`, `hook`, `session`, `oto`, `group` or `robot`. */
  via: string;
  /** The idempotency key, if the platform accepts one. */
  uuid: string | null;
  /** The user's message that it answers, if the request names it. */
  replyTo: string | null;
  /** Milliseconds since 1970. */
  at: number;
  /** Number of changes in place; missing if never changed. `text` is the newest text. */
  updates?: number;
}

/**
 * Selects the reply to wait for: the first one in the chat since the user's last message, or since a given message. A
 * message sent as the reply to another message does not count.
 */
export interface ReplyQuery {
  chatId?: string;
  afterMessageId?: string;
  /** Text that the reply must contain, such as the end of an answer that grows. */
  containing?: string;
  timeoutMs: number;
}

/** The log of one platform. It keeps the newest 20,000 messages and at most 20 million characters. */
export interface SentLog {
  readonly sent: readonly SentMessage[];
  add(message: SentMessage): void;
  /** Stores a change in place of a logged message. */
  change(message: SentMessage, text: string): void;
  /** Stores the position of a user's message, so that `waitForReply` only counts later replies. */
  noteUserMessage(chatId: string, messageId: string): void;
  /** Resolves with the reply. Rejects with the number of sent messages if none arrived in time. */
  waitForReply(query: ReplyQuery): Promise<SentMessage>;
}

interface Mark {
  chatId: string;
  /** Number of messages that the bot had sent before. */
  count: number;
}

const maxMessages = 20_000;
const maxCharacters = 20_000_000;

/** Creates the log. `onSent` receives every message, and again each change of it. */
export function createSentLog(onSent: (message: SentMessage) => void): SentLog {
  const sent: SentMessage[] = [];
  let dropped = 0;
  let characters = 0;
  const byMessage = new BoundedMap<string, Mark>(maxMessages);
  const byChat = new BoundedMap<string, Mark>(maxMessages);
  const waiting = new Set<(message: SentMessage) => void>();

  function markOf(query: ReplyQuery): Mark {
    if (query.afterMessageId !== undefined) {
      const mark = byMessage.get(query.afterMessageId);
      if (mark === undefined) throw new Error(`The lab sent no message ${query.afterMessageId}; send it first.`);
      return mark;
    }
    if (query.chatId === undefined) throw new Error('waitForReply needs chatId or afterMessageId.');
    return byChat.get(query.chatId) ?? { chatId: query.chatId, count: 0 };
  }

  return {
    sent,
    add(message) {
      sent.push(message);
      characters += message.text.length;
      while (sent.length > maxMessages || (characters > maxCharacters && sent.length > 1)) {
        characters -= sent.shift()?.text.length ?? 0;
        dropped += 1;
      }
      onSent(message);
      for (const check of [...waiting]) check(message);
    },
    change(message, text) {
      characters += text.length - message.text.length;
      Object.assign(message, { text, updates: (message.updates ?? 0) + 1 });
      onSent(message);
      for (const check of [...waiting]) check(message);
    },
    noteUserMessage(chatId, messageId) {
      const mark = { chatId, count: dropped + sent.length };
      byMessage.set(messageId, mark);
      byChat.set(chatId, mark);
    },
    async waitForReply(query) {
      const mark = markOf(query);
      const isReply = ({ chatId, replyTo, text }: SentMessage) =>
        chatId === mark.chatId &&
        (replyTo === null || replyTo === (query.afterMessageId ?? replyTo)) &&
        text.includes(query.containing ?? '');
      const already = sent.slice(Math.max(0, mark.count - dropped)).find(isReply);
      if (already !== undefined) return already;
      return await new Promise((resolve, reject) => {
        const check = (message: SentMessage) => {
          if (!isReply(message)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(message);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const facts = `the bot sent ${dropped + sent.length} messages in all`;
          reject(new Error(`No reply in chat ${mark.chatId} within ${query.timeoutMs} ms; ${facts}.`));
        }, query.timeoutMs);
        waiting.add(check);
      });
    },
  };
}
