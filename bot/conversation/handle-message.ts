// Answers one message of the inbox: limits, session, answer, and everything it changes in one transaction.
import type { InboundMessage } from '../channels/channel.ts';
import { sessionKey } from '../inbox/chat-key.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Store } from '../store/open-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Answer, type Answerer, phrases } from './answer.ts';
import type { ChatMessage, Session, Sessions } from './sessions.ts';

export interface HandleMessageDeps {
  store: Store;
  inbox: Inbox;
  outbox: Outbox;
  sessions: Sessions;
  answer: Answerer;
  overTenantRate: (row: InboxRow) => Promise<boolean>;
  split: (platform: InboundMessage['platform'], markdown: string) => string[];
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
      if (await finish(deps, row, { message, decision })) deps.onReply();
    } catch (error) {
      if (signal.aborted) return deps.inbox.release(row.id);
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
  const session = await deps.sessions.open(sessionKey(message), row.tenant_id);
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

/** False when another process took the row over meanwhile: its answer counts, ours is dropped. */
function finish(deps: HandleMessageDeps, row: InboxRow, { message, decision }: Decided): Promise<boolean> {
  const { answer, session } = decision;
  const exchange: ChatMessage[] = [
    { role: 'user', content: message.text },
    { role: 'assistant', content: answer.text },
  ];
  return deps.store.knex.transaction(async (trx) => {
    if (!(await deps.inbox.finish(trx, row.id))) return false;
    await deps.outbox.add(trx, {
      inboxId: row.id,
      platform: message.platform,
      appId: message.appId,
      chatKey: row.chat_key,
      traceId: row.trace_id,
      target: message.target,
      parts: deps.split(message.platform, answer.text),
    });
    if (session && answer.reset) await deps.sessions.reset(trx, session.key);
    else if (session) await deps.sessions.save(trx, session, answer.remember ? exchange : []);
    await trx('conversation_log').insert(
      exchange.map(({ role, content }) => ({
        tenant_id: row.tenant_id,
        user_id: message.userId,
        content,
        role,
        platform: message.platform,
        chat_id: message.chatId,
        trace_id: row.trace_id,
      })),
    );
    return true;
  });
}
