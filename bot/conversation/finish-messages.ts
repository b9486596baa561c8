// Finishes messages in batches: writes inbox row, reply, session and conversation log in one transaction.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { InboundMessage } from '../domain/message.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Outbox, Reply } from '../outbox/outbox.ts';
import { allOrEach, createBatch, WRITE_INTERVAL_MS } from '../store/batch.ts';
import type { Store } from '../store/open-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ConversationLog, ConversationRow } from './conversation-log.ts';
import type { Decision } from './decide.ts';
import type { Sessions } from './sessions.ts';
import { splitReply } from './split-reply.ts';

/** A message with its decision, ready to be written. */
export interface DecidedMessage extends Decision {
  row: InboxRow;
  message: InboundMessage;
}

export interface FinisherDeps {
  store: Store;
  inbox: Inbox;
  outbox: Outbox;
  sessions: Sessions;
  conversationLog: ConversationLog;
  /** Splits a reply into parts that the platform accepts. */
  split: (platform: InboundMessage['platform'], markdown: string) => string[];
  log: Logger;
}

/** A message whose reply is split into the platform's parts. */
interface SplitMessage extends DecidedMessage {
  parts: string[];
}

/** Returns the UTF-16 units of the parts, the session and the conversation log together. */
function lengthOf({ message, reply, parts, session }: SplitMessage): number {
  const context = session && 'exchange' in session ? [...session.session.context, ...session.exchange] : [];
  const texts = [message.text, reply?.text ?? '', ...parts, ...context.map(({ content }) => content)];
  return texts.reduce((length, text) => length + text.length, 0);
}

export interface Finisher {
  /**
   * Writes the decision. Returns false if another process has leased the row in the meantime: only that process may
   * answer, so nothing is written here.
   */
  finish(message: DecidedMessage): Promise<boolean>;
}

/** Maximum UTF-16 units of a reply that is split at once. Splitting one of this length needs well under 1 ms. */
const SHORT_REPLY_LENGTH = 2_000;

export function createFinisher(deps: FinisherDeps): Finisher {
  const write = createBatch((all: SplitMessage[]) => allOrEach(all, (some) => writeAll(deps, some)), {
    intervalMs: WRITE_INTERVAL_MS,
    lengthOf,
  });
  let splitTurn = Promise.resolve();
  return {
    async finish(decided) {
      // Split only one long reply in each turn of the event loop, so that callbacks are acknowledged in between.
      if ((decided.reply?.text.length ?? 0) > SHORT_REPLY_LENGTH) {
        splitTurn = splitTurn.then(() => nextTurn());
        await splitTurn;
      }
      return write({ ...decided, parts: partsOf(deps, decided) });
    },
  };
}

function partsOf({ split, log }: FinisherDeps, { row, message, reply }: DecidedMessage): string[] {
  if (!reply) return [];
  return splitReply(reply.text, {
    split: (markdown) => split(message.platform, markdown),
    onError: (error) => log.error('Failed to split a reply as Markdown', { error, 'trace.id': row.trace_id }),
  });
}

/** Rolls the transaction back, because another process has leased a row in the meantime. */
class LeaseLostError extends Error {
  override name = 'LeaseLostError';
}

/**
 * Writes all messages, or none and returns false. Uses the callback form of `transaction`: it rejects if the commit
 * fails, unlike `trx.commit()` of knex.
 */
async function writeAll(deps: FinisherDeps, all: SplitMessage[]): Promise<boolean> {
  const rows = all.map(({ row }) => row);
  try {
    await deps.store.knex.transaction(async (trx) => {
      if (!(await deps.inbox.finish(trx, rows))) throw new LeaseLostError();
      await writeAnswers(deps, trx, all);
    });
    return true;
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
}

async function writeAnswers(deps: FinisherDeps, trx: Knex.Transaction, all: SplitMessage[]): Promise<void> {
  const { outbox, sessions } = deps;
  for (const { row, left } of all) if (left) await outbox.dropChat(trx, row.chat_key);
  await outbox.add(trx, all.flatMap(replyOf));
  const saves = all.flatMap(({ session }) => (session && 'exchange' in session ? [session] : []));
  await sessions.saveMany(trx, saves);
  for (const { session } of all) if (session && 'forget' in session) await sessions.reset(trx, session.forget);
  await writeConversations(deps, trx, all);
}

function replyOf({ row, message, reply, parts }: SplitMessage): Reply[] {
  if (!reply) return [];
  const { platform, appId, target, userId } = message;
  const { id: inboxId, tenant_id: tenantId, chat_key: chatKey, trace_id: traceId } = row;
  return [{ inboxId, tenantId, userId, platform, appId, chatKey, traceId, target, parts, replaces: reply.replaces }];
}

async function writeConversations(
  { conversationLog }: FinisherDeps,
  trx: Knex.Transaction,
  all: DecidedMessage[],
): Promise<void> {
  const tenants = new Map(all.flatMap(({ tenant }) => (tenant ? [[tenant.tenantId, tenant] as const] : [])));
  for (const tenant of tenants.values()) {
    const rows = all.filter((one) => one.tenant?.tenantId === tenant.tenantId).flatMap(conversationOf);
    await conversationLog.append(trx, tenant, rows);
  }
}

function conversationOf({ row, message, reply }: DecidedMessage): ConversationRow[] {
  if (!reply || message.event) return [];
  const { userId, platform, chatId } = message;
  const ids = { userId, platform, chatId, traceId: row.trace_id };
  return [
    { ...ids, role: 'user', content: message.text },
    { ...ids, role: 'assistant', content: reply.text },
  ];
}
