// The inbox: messages that were accepted and are not answered yet.
import type { Knex } from 'knex';
import type { Fate } from '../domain/delivery.ts';
import type { InboundMessage } from '../domain/message.ts';
import { ageSeconds } from '../store/age.ts';
import { createBatch } from '../store/batch.ts';
import { insertNew, type NewRow } from '../store/insert-new.ts';
import { createLeases, type LeasedRow, type Leases } from '../store/lease.ts';
import { DUE_NOW } from '../store/lease-times.ts';
import type { Store } from '../store/open-store.ts';
import { isLastAttempt, jittered, retryDelayMs } from '../store/retry-schedule.ts';
import { chatKey } from './chat-key.ts';
import { encodeMessage } from './stored-message.ts';

export interface InboxRow extends LeasedRow {
  tenant_id: string;
  /** A stored message, see `decodeMessage`. */
  payload: string;
  received_at: number;
  /** Milliseconds since 1970, or a value of `lease-times`. */
  available_at: number;
  /** Platform id of the progress message, if there is one. */
  progress_id: string | null;
}

export interface NewMessage {
  message: InboundMessage;
  tenantId: string;
  traceId: string;
}

export interface Inbox extends Pick<Leases<InboxRow>, 'lease' | 'renew' | 'release'> {
  /**
   * Stores a message and claims its message id and event id. Resolves with false if either id was claimed before.
   * Feishu redelivers for hours (https://open.feishu.cn/document/server-docs/event-subscription-guide/overview, read
   * 2026-11), and a redelivery may have another event id. Once this resolves, the message survives a crash.
   */
  claim(entry: NewMessage): Promise<boolean>;
  /**
   * Marks rows as done inside the transaction that writes their answers, and erases their payload. Resolves with false
   * if another process leased one of the rows. The caller must then roll the transaction back.
   */
  finish(trx: Knex.Transaction, rows: readonly InboxRow[]): Promise<boolean>;
  /**
   * Stores the id of the progress message, so that later attempts update the same message, also after a crash. Rejects
   * if the database rejects the write. Later attempts of this process then still use the id.
   */
  keepProgress(row: InboxRow, platformMessageId: string): Promise<void>;
  /** Schedules a retry. Gives up after the last attempt of the schedule. */
  fail(row: InboxRow): Promise<Extract<Fate, 'retrying' | 'dead'>>;
  /** Counts the unfinished messages. The age is 0 if there is none. */
  depth(): Promise<{ depth: number; oldestAgeSeconds: number }>;
}

export interface InboxOptions {
  store: Store;
  /** Name of this process, unique among those that share the database. */
  owner: string;
  clock: () => number;
}

/** Maximum number of progress message ids kept in memory while the database rejects them. */
const UNSAVED_MAX = 1_000;

export function createInbox({ store, owner, clock }: InboxOptions): Inbox {
  const { knex } = store;
  const unsaved = new Map<number, string>();
  const { settle, ...leases } = createLeases<InboxRow>({ store, table: 'inbox', busyState: 'working', owner, clock });
  // Claims share one sync of the disk, which costs the same for one message as for many. Platforms wait for it.
  const claimBatched = createBatch(
    async (rows: NewRow[]) => {
      const inserted = await insertNew(store, 'inbox', rows);
      await store.flush();
      return rows.map((row) => inserted.has(row.trace_id));
    },
    { lengthOf: ({ payload }) => String(payload).length },
  );
  return {
    ...leases,
    async lease(limit) {
      const rows = await leases.lease(limit);
      return rows.map((row) => ({ ...row, progress_id: row.progress_id ?? unsaved.get(row.id) ?? null }));
    },
    claim: (entry) => claimBatched(rowOf(entry, clock())),

    finish: (trx, rows) => settle(rows, { state: 'done', finished_at: clock(), payload: '{}' }, trx),

    async keepProgress(row, platformMessageId) {
      unsaved.set(row.id, platformMessageId);
      const [oldest] = unsaved.size > UNSAVED_MAX ? unsaved.keys() : [];
      if (oldest !== undefined) unsaved.delete(oldest);
      await knex('inbox').where({ id: row.id }).update({ progress_id: platformMessageId });
      unsaved.delete(row.id);
    },

    async fail(row) {
      const dead = isLastAttempt(row.attempts);
      const values = dead
        ? { state: 'dead', finished_at: clock() }
        : { state: 'pending', available_at: clock() + jittered(retryDelayMs(row.attempts)) };
      await settle([row], values);
      return dead ? 'dead' : 'retrying';
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

function rowOf({ message, tenantId, traceId }: NewMessage, now: number): NewRow {
  return {
    platform: message.platform,
    app_id: message.appId,
    message_id: message.messageId,
    event_id: message.eventId,
    tenant_id: tenantId,
    user_id: message.userId,
    chat_key: chatKey(message),
    payload: encodeMessage(message),
    trace_id: traceId,
    state: 'pending',
    attempts: 0,
    received_at: now,
    available_at: DUE_NOW,
  };
}
