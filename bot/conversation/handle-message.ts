// Answers one message of the inbox: what is said to it is decided, then everything it changes is written at once.
import type { InboundMessage } from '../domain/message.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import { RETRY_DELAYS_MS } from '../store/retry-schedule.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Decider } from './decide.ts';
import type { Finisher } from './finish-messages.ts';

export interface HandleMessageDeps {
  inbox: Inbox;
  decider: Decider;
  finisher: Finisher;
  log: Logger;
  /** Called when parts are in the outbox. */
  onReply: () => void;
}

export interface MessageHandler {
  /**
   * Answers the message of one row. A row that fails is retried later, and given up after the last attempt of the
   * schedule; rejects only when the database fails. A stop in the middle gives the row back.
   */
  handle(row: InboxRow, signal: AbortSignal): Promise<void>;
}

export function createMessageHandler(deps: HandleMessageDeps): MessageHandler {
  const { inbox, decider, finisher, log, onReply } = deps;
  async function failed(row: InboxRow, error?: unknown): Promise<void> {
    const next = await inbox.fail(row);
    log.error('A message could not be handled', {
      error,
      'trace.id': row.trace_id,
      'event.action': 'message-failed',
      'event.outcome': 'failure',
      'event.reason': next,
      'chatbot.attempt': row.attempts,
    });
  }

  return {
    async handle(row, signal) {
      // Whoever held it before went down with it, again and again: it is not given the chance to do so for ever.
      if (row.attempts > RETRY_DELAYS_MS.length + 1) return failed(row);
      try {
        const message = JSON.parse(row.payload) as InboundMessage; // written by the inbox
        const decision = await decider.decide(row, message, signal);
        if (await finisher.finish({ row, message, ...decision })) onReply();
      } catch (error) {
        if (signal.aborted) return inbox.release(row);
        await failed(row, error);
      }
    },
  };
}
