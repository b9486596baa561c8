// Writes conversations to the tenant's own table or to the shared one, depending on the tenant's isolation.
import type { Knex } from 'knex';
import type { Store } from '../store/open-store.ts';
import { dedicatedTable, type Isolation, SHARED_TABLE } from '../tenants/conversation-tables.ts';

export interface ConversationRow {
  /** Sender of the question, also in the row of the answer. */
  userId: string;
  role: 'user' | 'assistant';
  content: string;
  platform: string;
  chatId: string;
  traceId: string;
}

export interface ConversationLog {
  /** Writes the rows in the caller's transaction, in the given order. */
  append(
    trx: Knex | Knex.Transaction,
    tenant: { tenantId: string; isolation: Isolation },
    rows: readonly ConversationRow[],
  ): Promise<void>;
}

export function createConversationLog({ store }: { store: Pick<Store, 'dialect'> }): ConversationLog {
  return {
    async append(trx, { tenantId, isolation }, rows) {
      if (rows.length === 0) return;
      const values = rows.map((row) => toColumns(row, tenantId));
      if (isolation === 'dedicated' && (await tryInsert(trx(dedicatedTable(tenantId)).insert(values), store))) return;
      await trx(SHARED_TABLE).insert(values);
    },
  };
}

/**
 * Returns false if the table does not exist, because the tenant has just become a shared one and this process has
 * cached its earlier isolation. On both databases, the failed statement does not affect the transaction.
 */
async function tryInsert(insert: PromiseLike<unknown>, { dialect }: Pick<Store, 'dialect'>): Promise<boolean> {
  try {
    await insert;
    return true;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }; // knex rejects with errors
    if (dialect === 'mysql' ? code === 'ER_NO_SUCH_TABLE' : message.includes('no such table')) return false;
    throw error;
  }
}

function toColumns({ userId, role, content, platform, chatId, traceId }: ConversationRow, tenantId: string) {
  return { tenant_id: tenantId, user_id: userId, role, content, platform, chat_id: chatId, trace_id: traceId };
}
