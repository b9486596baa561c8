// Events of the lab for the playground page: messages, acknowledgements, replies, faults.
import type { FaultName } from '../faults.ts';
import type { CallbackAnswer } from './deliver.ts';
import type { SentMessage } from './sent-log.ts';

/** The two chat platforms. */
export type LabPlatform = 'feishu' | 'dingtalk';

/** One event. Times are milliseconds since 1970. */
type LabEvent =
  | { kind: 'message'; platform: LabPlatform; chatId: string; messageId: string; text: string; at: number }
  | {
      kind: 'attempt';
      platform: LabPlatform;
      messageId: string;
      /** HTTP status of the bot's answer; 0 if no answer arrived. */
      status: number;
      ackMs: number;
      /** Error text; null if the bot acknowledged. */
      error: string | null;
      at: number;
    }
  | {
      kind: 'reply';
      platform: LabPlatform;
      chatId: string;
      messageId: string;
      replyTo: string | null;
      text: string;
      at: number;
    }
  | { kind: 'fault'; name: FaultName; on: boolean; at: number };

/** Publishes events and stores the newest 400. */
export interface LabEvents {
  readonly history: readonly LabEvent[];
  publish(event: LabEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: LabEvent) => void): () => void;
}

/** Creates the event bus of one lab. */
export function createLabEvents(): LabEvents {
  const history: LabEvent[] = [];
  const listeners = new Set<(event: LabEvent) => void>();
  return {
    history,
    publish(event) {
      history.push(event);
      if (history.length > 400) history.shift();
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Receives the events of a fake platform. */
export interface Observer {
  userWrote(message: { chatId: string; messageId: string; text: string }): void;
  attempted(messageId: string, answer: CallbackAnswer): void;
  botSent(message: SentMessage): void;
}

/** Publishes what one platform reports as events of the lab. */
export function createObserver(platform: LabPlatform, events: LabEvents): Observer {
  return {
    userWrote: ({ text, ...ids }) =>
      events.publish({ kind: 'message', platform, ...ids, text: shorten(text), at: Date.now() }),
    attempted: (messageId, { status, ackMs, error }) =>
      events.publish({ kind: 'attempt', platform, messageId, status, ackMs, error, at: Date.now() }),
    botSent: ({ chatId, messageId, replyTo, text, at }) =>
      events.publish({ kind: 'reply', platform, chatId, messageId, replyTo, text: shorten(text), at }),
  };
}

// The history stays in memory and is sent to every page that opens.
function shorten(text: string): string {
  return text.length <= 20_000 ? text : `${text.slice(0, 20_000)}… (${text.length} characters in all)`;
}
