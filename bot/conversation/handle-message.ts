// Answers one message of the inbox: decides the reply, then writes all changes in one transaction.
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import { decodeMessage } from '../inbox/stored-message.ts';
import { MAX_ATTEMPTS } from '../store/retry-schedule.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Decider } from './decide.ts';
import type { Finisher } from './finish-messages.ts';

export interface HandleMessageDeps {
  inbox: Inbox;
  decider: Decider;
  finisher: Finisher;
  log: Logger;
  /** Called after parts have been added to the outbox. */
  onReply: () => void;
}

export interface MessageHandler {
  /**
   * Answers the message of one row. If that fails, the row is retried later, until the last attempt of the schedule. If
   * `signal` aborts, the row is released. Rejects only if the database fails.
   */
  handle(row: InboxRow, signal: AbortSignal): Promise<void>;
}

export function createMessageHandler(deps: HandleMessageDeps): MessageHandler {
  const { inbox, decider, finisher, log, onReply } = deps;
  async function recordFailure(row: InboxRow, error?: unknown): Promise<void> {
    const next = await inbox.fail(row);
    log.error('Failed to process a message', {
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
      // The last attempt ended without a result, such as by a crash, so give up on this message.
      if (row.attempts > MAX_ATTEMPTS) return recordFailure(row);
      try {
        const message = decodeMessage(row.payload);
        const decision = await decider.decide(row, message, signal);
        if (await finisher.finish({ row, message, ...decision })) onReply();
      } catch (error) {
        if (signal.aborted) return inbox.release(row);
        // An unreadable row is retried like any other; the outbox marks such a row as dead at once.
        await recordFailure(row, error);
      }
    },
  };
}
