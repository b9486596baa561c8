// Every message that was sent, whether the bot acknowledged it, and what the users then saw.
import type { Lab } from '../../ops/lab/start-lab.ts';

export const PLATFORMS = ['feishu', 'dingtalk'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One message of a user. */
export interface Message {
  platform: Platform;
  messageId: string;
  /** What its text and the text of its answer hold, and no other one. */
  mark: string;
  /** Deliveries so far. */
  attempts: number;
  /** When it was first acknowledged, in milliseconds since 1970, and how long that took. */
  acknowledged?: { at: number; ms: number };
}

export interface Ledger {
  readonly messages: readonly Message[];
  /** Deliveries answered with 503. */
  refusals(): number;
  /** Sends message `number` as the platforms do, again and again by the schedule. Resolves when it is acknowledged or given up. */
  send(number: number): Promise<void>;
  /** How many different messages of the bot answer each one. */
  answers(): Map<Message, number>;
}

/** What a message's text and that of its answer hold. */
export const MARK = /number \d+\./;

/** Conversations per platform: messages of one are answered in order, so a stuck one must not hide the others. */
const CHATS = 100;

export function createLedger(lab: Lab): Ledger {
  const messages: Message[] = [];
  let refusals = 0;
  return {
    messages,
    refusals: () => refusals,
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
          if (status === 503) refusals += 1;
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

// By the id of what the bot sent: a message that is edited later is still one.
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
