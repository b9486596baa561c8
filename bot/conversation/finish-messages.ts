// Ends messages: the inbox row, the reply, the session and the log of each in one transaction, with others that end now.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { InboundMessage } from '../domain/message.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Outbox, Reply } from '../outbox/outbox.ts';
import { allOrEach, createBatch, REST_MS } from '../store/batch.ts';
import type { Store } from '../store/open-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ConversationLog, ConversationRow } from './conversation-log.ts';
import type { Decision } from './decide.ts';
import type { Sessions } from './sessions.ts';
import { splitReply } from './split-reply.ts';

/** A message and what becomes of it. */
export interface Ended extends Decision {
  row: InboxRow;
  message: InboundMessage;
}

export interface FinisherDeps {
  store: Store;
  inbox: Inbox;
  outbox: Outbox;
  sessions: Sessions;
  conversationLog: ConversationLog;
  /** Cuts a reply into the parts that the platform accepts. */
  split: (platform: InboundMessage['platform'], markdown: string) => string[];
  log: Logger;
}

/** A message with its reply as the platform's parts. */
interface Cut extends Ended {
  parts: string[];
}

/** Characters of the parts, the session and the log together. */
function lengthOf({ message, reply, parts, session }: Cut): number {
  const context = session && 'exchange' in session ? [...session.session.context, ...session.exchange] : [];
  const texts = [message.text, reply?.text ?? '', ...parts, ...context.map(({ content }) => content)];
  return texts.reduce((length, text) => length + text.length, 0);
}

export interface Finisher {
  /** Writes the end of a message. False when another process took the row over: its answer counts, this one is dropped. */
  finish(ended: Ended): Promise<boolean>;
}

/** Replies of at most so many characters are cut in well under a millisecond. */
const SHORT = 2_000;

export function createFinisher(deps: FinisherDeps): Finisher {
  const write = createBatch((all: Cut[]) => allOrEach(all, (some) => writeAll(deps, some)), {
    restMs: REST_MS,
    lengthOf,
  });
  let turn = Promise.resolve();
  return {
    async finish(ended) {
      // Long replies are cut one in each turn of the event loop, so that callbacks are acknowledged between two.
      if ((ended.reply?.text.length ?? 0) > SHORT) {
        turn = turn.then(() => nextTurn());
        await turn;
      }
      return write({ ...ended, parts: partsOf(deps, ended) });
    },
  };
}

function partsOf({ split, log }: FinisherDeps, { row, message, reply }: Ended): string[] {
  if (!reply) return [];
  return splitReply(reply.text, {
    split: (markdown) => split(message.platform, markdown),
    onError: (error) => log.error('A reply could not be split as Markdown', { error, 'trace.id': row.trace_id }),
  });
}

/** Another process took a row over: the transaction is rolled back. */
class TakenOverError extends Error {
  override name = 'TakenOverError';
}

/** All or nothing. Rejects if the commit fails, which `trx.commit()` of knex does not. */
async function writeAll(deps: FinisherDeps, all: Cut[]): Promise<boolean> {
  const rows = all.map(({ row }) => row);
  try {
    await deps.store.knex.transaction(async (trx) => {
      if (!(await deps.inbox.finish(trx, rows))) throw new TakenOverError();
      await writeAnswers(deps, trx, all);
    });
    return true;
  } catch (error) {
    if (error instanceof TakenOverError) return false;
    throw error;
  }
}

async function writeAnswers(deps: FinisherDeps, trx: Knex.Transaction, all: Cut[]): Promise<void> {
  const { outbox, sessions } = deps;
  for (const { row, left } of all) if (left) await outbox.dropChat(trx, row.chat_key);
  await outbox.add(trx, all.flatMap(replyOf));
  const saves = all.flatMap(({ session }) => (session && 'exchange' in session ? [session] : []));
  await sessions.saveMany(trx, saves);
  for (const { session } of all) if (session && 'forget' in session) await sessions.reset(trx, session.forget);
  await writeConversations(deps, trx, all);
}

function replyOf({ row, message, reply, parts }: Cut): Reply[] {
  if (!reply) return [];
  const { platform, appId, target, userId } = message;
  const { id: inboxId, tenant_id: tenantId, chat_key: chatKey, trace_id: traceId } = row;
  return [{ inboxId, tenantId, userId, platform, appId, chatKey, traceId, target, parts, replaces: reply.replaces }];
}

async function writeConversations(
  { conversationLog }: FinisherDeps,
  trx: Knex.Transaction,
  all: Ended[],
): Promise<void> {
  const tenants = new Map(all.flatMap(({ tenant }) => (tenant ? [[tenant.tenantId, tenant] as const] : [])));
  for (const tenant of tenants.values()) {
    const rows = all.filter((ended) => ended.tenant?.tenantId === tenant.tenantId).flatMap(conversationOf);
    await conversationLog.append(trx, tenant, rows);
  }
}

function conversationOf({ row, message, reply }: Ended): ConversationRow[] {
  if (!reply || message.event) return [];
  const { userId, platform, chatId } = message;
  const where = { userId, platform, chatId, traceId: row.trace_id };
  return [
    { ...where, role: 'user', content: message.text },
    { ...where, role: 'assistant', content: reply.text },
  ];
}
