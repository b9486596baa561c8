// Ends messages: the inbox row, the reply, the session and the log of each in one transaction, together with others that end now.
import type { Knex } from 'knex';
import type { InboundMessage } from '../channels/channel.ts';
import type { Inbox, InboxRow } from '../inbox/inbox.ts';
import type { Outbox, Reply } from '../outbox/outbox.ts';
import { allOrEach, createBatch, REST_MS } from '../store/batch.ts';
import type { Store } from '../store/open-store.ts';
import type { ConversationLog, ConversationRow } from './conversation-log.ts';
import type { Decision } from './decide.ts';
import type { Sessions } from './sessions.ts';

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
  split: (platform: InboundMessage['platform'], markdown: string) => string[];
}

/** False when another process took the row over meanwhile: its answer counts, ours is dropped. */
export type Finisher = (ended: Ended) => Promise<boolean>;

export function createFinisher(deps: FinisherDeps): Finisher {
  return createBatch((all: Ended[]) => allOrEach(all, (some) => writeAll(deps, some)), { restMs: REST_MS });
}

/** All or nothing. */
async function writeAll(deps: FinisherDeps, all: Ended[]): Promise<boolean> {
  const trx = await deps.store.knex.transaction();
  try {
    const ours = await deps.inbox.finish(
      trx,
      all.map(({ row }) => row),
    );
    if (ours) await writeAnswers(deps, trx, all);
    await (ours ? trx.commit() : trx.rollback());
    return ours;
  } catch (error) {
    await trx.rollback();
    throw error;
  }
}

async function writeAnswers(deps: FinisherDeps, trx: Knex.Transaction, all: Ended[]): Promise<void> {
  const { outbox, sessions } = deps;
  for (const { row, left } of all) if (left) await outbox.dropChat(trx, row.chat_key);
  await outbox.add(
    trx,
    all.flatMap((ended) => replyOf(deps, ended)),
  );
  const saves = all.flatMap(({ session }) => (session && 'exchange' in session ? [session] : []));
  await sessions.saveMany(trx, saves);
  for (const { session } of all) if (session && 'forget' in session) await sessions.reset(trx, session.forget);
  await writeConversations(deps, trx, all);
}

function replyOf({ split }: FinisherDeps, { row, message, reply }: Ended): Reply[] {
  if (!reply) return [];
  const { platform, appId, target, userId } = message;
  const { id: inboxId, tenant_id: tenantId, chat_key: chatKey, trace_id: traceId } = row;
  const parts = split(platform, reply.text);
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
