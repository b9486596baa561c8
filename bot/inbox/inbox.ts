// The inbox: messages that were accepted and are not answered yet.
import type { Knex } from 'knex';
import type { InboundMessage } from '../channels/channel.ts';
import { ageSeconds } from '../store/age.ts';
import { createBatch } from '../store/batch.ts';
import { createLeases, type LeasedRow, type Leases } from '../store/lease.ts';
import { isDuplicateKey, type Store } from '../store/open-store.ts';
import { chatKey } from './chat-key.ts';

export interface InboxRow extends LeasedRow {
  tenant_id: string;
  /** `InboundMessage` as JSON. */
  payload: string;
  received_at: number;
}

export interface NewMessage {
  message: InboundMessage;
  tenantId: string;
  traceId: string;
}

export interface Inbox extends Pick<Leases<InboxRow>, 'lease' | 'renew' | 'release'> {
  /**
   * Stores a message and claims its ids. False when either id was claimed before: the platforms repeat a
   * delivery for hours, also with another event id. When this resolves, the message survives a crash.
   */
  claim(entry: NewMessage): Promise<boolean>;
  /** Ends a row inside the transaction that writes its answer. False when another process took the row over. */
  finish(trx: Knex.Transaction, id: number): Promise<boolean>;
  /** Tries again after a pause, or gives up after `MAX_ATTEMPTS`. */
  fail(row: InboxRow): Promise<'retried' | 'dead'>;
  depth(): Promise<{ depth: number; oldestAgeSeconds: number }>;
}

const MAX_ATTEMPTS = 5;

export interface InboxOptions {
  store: Store;
  /** Names this process among those that share the database. */
  owner: string;
  clock: () => number;
}

export function createInbox({ store, owner, clock }: InboxOptions): Inbox {
  const { knex } = store;
  const { settle, ...leases } = createLeases<InboxRow>({ store, table: 'inbox', busyState: 'working', owner, clock });
  // The disk takes as long for one message as for many, and every platform waits for its acknowledgement.
  const insertBatched = createBatch(async (rows: Row[]) => {
    const results = await knex.transaction(async (trx) => {
      const answers: (boolean | Error)[] = [];
      for (const row of rows) answers.push(await insertNew(trx, row));
      return answers;
    });
    await store.flush();
    return results;
  });
  return {
    ...leases,
    async claim(entry) {
      const claimed = await insertBatched(rowOf(entry, clock()));
      if (claimed instanceof Error) throw claimed;
      return claimed;
    },

    finish: (trx, id) => settle(id, { state: 'done', finished_at: clock() }, trx),

    async fail(row) {
      const dead = row.attempts >= MAX_ATTEMPTS;
      const values = dead
        ? { state: 'dead', finished_at: clock() }
        : { state: 'pending', available_at: clock() + 2 ** row.attempts * 1000 };
      await settle(row.id, values);
      return dead ? 'dead' : 'retried';
    },

    async depth() {
      const [row] = await knex('inbox')
        .whereIn('state', ['pending', 'working'])
        .count({ depth: '*' })
        .min({ oldest: 'received_at' });
      return { depth: Number(row?.depth ?? 0), oldestAgeSeconds: ageSeconds(row?.oldest, clock()) };
    },
  };
}

type Row = Record<string, string | number>;

function rowOf({ message, tenantId, traceId }: NewMessage, now: number): Row {
  return {
    platform: message.platform,
    app_id: message.appId,
    message_id: message.messageId,
    event_id: message.eventId,
    tenant_id: tenantId,
    chat_key: chatKey(message),
    payload: JSON.stringify(message),
    trace_id: traceId,
    state: 'pending',
    received_at: now,
    available_at: now,
  };
}

/** False for a duplicate. A refused row leaves the transaction to the others, on both databases. */
async function insertNew(trx: Knex.Transaction, row: Row): Promise<boolean | Error> {
  try {
    await trx('inbox').insert(row);
    return true;
  } catch (error) {
    return isDuplicateKey(error) ? false : (error as Error); // knex rejects with errors
  }
}
