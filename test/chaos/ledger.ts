// Records every sent message, its acknowledgement, and the answers that the users got.
import type { Lab } from '../../ops/lab/start-lab.ts';

export const PLATFORMS = ['feishu', 'dingtalk'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One message of a user. */
export interface Message {
  platform: Platform;
  messageId: string;
  /** Unique marker in the text of the message and of its answer. */
  mark: string;
  /** Deliveries so far. */
  attempts: number;
  /** First acknowledgement: its time in milliseconds since 1970, and its duration in milliseconds. */
  acknowledged?: { at: number; ms: number };
}

export interface Ledger {
  readonly messages: readonly Message[];
  /** Returns the number of deliveries answered with 503. */
  rejections(): number;
  /**
   * Sends message `number` as the platforms do, with redeliveries by the schedule. Resolves when it is acknowledged or
   * given up.
   */
  send(number: number): Promise<void>;
  /** Returns the number of different bot messages that answer each message. */
  answers(): Map<Message, number>;
}

/** Pattern of the marker in a message and in its answer. */
export const MARK = /number \d+\./;

/**
 * Conversations per platform. Messages of one conversation are answered in order, so a blocked conversation must not
 * hide the others.
 */
const CHATS = 100;

export function createLedger(lab: Lab): Ledger {
  const messages: Message[] = [];
  let rejections = 0;
  return {
    messages,
    rejections: () => rejections,
    async send(number) {
      const message = messageOf(number);
      messages.push(message);
      const chat = Math.floor(number / 2) % CHATS;
      const { platform, messageId, mark } = message;
      await lab[platform].sendText({
        text: mark,
        messageId,
        chatId: platform === 'feishu' ? `oc_chaos${chat}` : `cidChaos${chat}`,
        userId: `user${chat}`,
        onAttempt({ attempts, status, error, ackMs }) {
          message.attempts = attempts;
          if (status === 503) rejections += 1;
          if (error === null) message.acknowledged = { at: Date.now(), ms: ackMs };
        },
      });
    },
    answers: () => countAnswers(lab, messages),
  };
}

function messageOf(number: number): Message {
  const platform = PLATFORMS[number % 2] ?? 'feishu';
  const messageId = `${platform === 'feishu' ? 'om_' : 'msg'}chaos${number}`;
  return { platform, messageId, mark: `number ${number}.`, attempts: 0 };
}

/** Counts by the id of the bot's message, because an edited message is still one answer. */
function countAnswers(lab: Lab, messages: readonly Message[]): Map<Message, number> {
  const byMark = new Map(messages.map((message) => [message.platform + message.mark, message]));
  const ids = new Map<Message, Set<string>>();
  for (const platform of PLATFORMS) {
    for (const { text, messageId } of lab[platform].sent) {
      const [mark = ''] = MARK.exec(text) ?? [];
      const message = byMark.get(platform + mark);
      if (message) ids.set(message, (ids.get(message) ?? new Set()).add(messageId));
    }
  }
  return new Map(messages.map((message) => [message, ids.get(message)?.size ?? 0]));
}
