// Answers one message of the inbox: limits, session, answer, and everything it changes in one transaction.
import type { InboundMessage } from '../channels/channel.ts';
import { sessionKey } from '../inbox/chat-key.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Answer, type Answerer, phrases } from './answer.ts';
import type { Ended, Finisher } from './finish-messages.ts';
import type { ChatMessage, Session, Sessions } from './sessions.ts';

export interface HandleMessageDeps {
  inbox: Inbox;
  sessions: Sessions;
  finish: Finisher;
  answer: Answerer;
  overTenantRate: (row: InboxRow) => Promise<boolean>;
  metrics: Metrics;
  log: Logger;
  /** Called when parts are in the outbox. */
  onReply: () => void;
}

interface Decision {
  answer: Answer;
  session?: Session;
}

/**
 * Never rejects for a message's own sake: a row that cannot be handled is tried again later and given up after
 * some attempts. A stop in the middle gives the row back.
 */
export function createMessageHandler(deps: HandleMessageDeps): (row: InboxRow, signal: AbortSignal) => Promise<void> {
  return async (row, signal) => {
    try {
      const message = JSON.parse(row.payload) as InboundMessage; // written by the inbox
      const decision = await decide(deps, row, { message, signal });
      if (await deps.finish(endedOf(row, { message, decision }))) deps.onReply();
    } catch (error) {
      if (signal.aborted) return deps.inbox.release(row);
      const next = await deps.inbox.fail(row);
      deps.log.error('A message could not be handled', {
        error,
        'trace.id': row.trace_id,
        'event.action': 'message-failed',
        'event.outcome': 'failure',
        'event.reason': next,
        'chatbot.attempt': row.attempts,
      });
    }
  };
}

interface Asked {
  message: InboundMessage;
  signal: AbortSignal;
}

async function decide(deps: HandleMessageDeps, row: InboxRow, { message, signal }: Asked): Promise<Decision> {
  if (await deps.overTenantRate(row)) {
    deps.metrics.rateLimited.inc({ scope: 'tenant' });
    return { answer: { text: phrases.rateLimited, remember: false } };
  }
  const session = await deps.sessions.open({
    key: sessionKey(message),
    tenantId: row.tenant_id,
    platform: message.platform,
    userId: message.userId,
  });
  if (!session) {
    deps.metrics.rateLimited.inc({ scope: 'sessions' });
    return { answer: { text: phrases.busy, remember: false } };
  }
  return { session, answer: await deps.answer({ text: message.text, context: session.context, signal }) };
}

interface Decided {
  message: InboundMessage;
  decision: Decision;
}

function endedOf(row: InboxRow, { message, decision: { answer, session } }: Decided): Ended {
  const ended: Ended = { row, message, reply: { text: answer.text } };
  if (!session) return ended;
  if (answer.reset) return { ...ended, session: { forget: session.key } };
  const exchange: ChatMessage[] = [
    { role: 'user', content: message.text },
    { role: 'assistant', content: answer.text },
  ];
  return { ...ended, session: { session, exchange: answer.remember ? exchange : [] } };
}
