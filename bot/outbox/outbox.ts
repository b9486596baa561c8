// Stores the parts of replies in the outbox table before they are sent, in order per chat.
import type { Knex } from 'knex';
import { type Fate, OUTBOX_STATES, type OutboxState, type SendResult } from '../domain/delivery.ts';
import { encodePayload } from '../domain/payload.ts';
import type { Platform } from '../domain/platform.ts';
import { ageSeconds } from '../store/age.ts';
import { allOrEach, createBatch, WRITE_INTERVAL_MS } from '../store/batch.ts';
import { createLeases, type LeasedRow, type Leases } from '../store/lease.ts';
import { DUE_NOW } from '../store/lease-times.ts';
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';
import { isLastAttempt, jittered, retryDelayMs } from '../store/retry-schedule.ts';

export interface OutboxRow extends LeasedRow {
  platform: Platform;
  app_id: string;
  /** The channel's own `target` as JSON. */
  target: string;
  content: string;
  idempotency_key: string;
  replaces: string | null;
  /** Error class and code of the last attempt. */
  last_class: string | null;
  last_code: string | null;
  expires_at: number;
}

/** A reply, split into parts that the platform accepts. */
export interface Reply {
  inboxId: number;
  tenantId: string;
  userId: string;
  platform: Platform;
  appId: string;
  chatKey: string;
  traceId: string;
  target: unknown;
  parts: string[];
  /** Platform id of the message that the first part replaces. */
  replaces?: string | undefined;
}

export interface Outbox extends Pick<Leases<OutboxRow>, 'lease' | 'renew' | 'release'> {
  /** Inserts the parts in the transaction that completes the answered messages. */
  add(trx: Knex.Transaction, replies: readonly Reply[]): Promise<void>;
  /** Drops the pending parts of a chat that the bot has left. */
  dropChat(trx: Knex.Transaction, chatKey: string): Promise<void>;
  /**
   * Marks a leased part as being sent. If the process dies, the next owner sees that the part may already have been
   * delivered. Returns false if another process has leased the part.
   */
  begin(row: OutboxRow): Promise<boolean>;
  /** Writes the result of an attempt and returns the new state of the part. */
  settle(row: OutboxRow, result: SendResult): Promise<Fate>;
  depths(): Promise<{ byState: Record<OutboxState, number>; oldestAgeSeconds: number }>;
}

/**
 * Milliseconds after which an unsent part expires, because an answer that is an hour late is useless. Feishu forgets an
 * idempotency key after an hour:
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/create (read 2026-11).
 */
export const PART_EXPIRES_AFTER_MS = 55 * 60_000;

/**
 * Marker stored before a send. If the process dies, the next owner sees that the part may already have been delivered.
 */
export const INTERRUPTED = 'INTERRUPTED';
const BEGUN = { last_class: 'unknown', last_code: INTERRUPTED };

/**
 * Rows per INSERT. SQLite accepts at most 500, because knex writes them as a compound SELECT, see
 * https://www.sqlite.org/limits.html (read 2026-11).
 */
const ROWS_INSERTED = 100;

/** A part, and the columns with the result of its attempt. */
interface AttemptResult {
  row: OutboxRow;
  values: Record<string, unknown>;
}

export interface OutboxOptions {
  store: Store;
  owner: string;
  clock: () => number;
}

export function createOutbox({ store, owner, clock }: OutboxOptions): Outbox {
  const { knex } = store;
  const { settle, update, release, ...leases } = createLeases<OutboxRow>({
    store,
    table: 'outbox',
    busyState: 'sending',
    owner,
    clock,
  });
  const settleBatched = createBatch((items: AttemptResult[]) => retryOnDeadlock(() => writeResults(items)), {
    intervalMs: WRITE_INTERVAL_MS,
  });

  const begin = createBatch((rows: OutboxRow[]) => allOrEach(rows, (some) => update(some, BEGUN)), {
    intervalMs: WRITE_INTERVAL_MS,
  });

  /**
   * Writes results in one transaction. A single result needs none. Returns false for parts that another process owns.
   */
  async function writeResults(items: AttemptResult[]): Promise<boolean[]> {
    const [first] = items;
    if (first && items.length === 1) return [await settle([first.row], first.values)];
    return knex.transaction(async (trx) => {
      const written: boolean[] = [];
      for (const { row, values } of items) written.push(await settle([row], values, trx));
      return written;
    });
  }

  return {
    ...leases,
    begin,
    // Removes the marker of `begin`, because the part was not sent.
    release: (row) => release(row, { last_class: row.last_class, last_code: row.last_code }),

    async add(trx, replies) {
      const rows = replies.flatMap((reply) => rowsOf(reply, clock()));
      for (let at = 0; at < rows.length; at += ROWS_INSERTED) {
        await trx('outbox').insert(rows.slice(at, at + ROWS_INSERTED));
      }
    },

    async dropChat(trx, chatKey) {
      await trx('outbox')
        .where({ chat_key: chatKey, state: 'pending' })
        .update({ state: 'dropped', last_class: 'target_gone', content: '', finished_at: clock() });
    },

    async settle(row, result) {
      const settled = nextState(row, result, clock());
      await settleBatched({ row, values: columnsOf(settled, row, result, clock()) });
      return settled;
    },

    async depths() {
      const rows = (await knex('outbox')
        .whereIn('state', [...OUTBOX_STATES])
        .groupBy('state')
        .select('state')
        .count({ rows: '*' })) as { state: OutboxState; rows: number | string }[]; // knex loses the selected column
      const [oldest] = await knex('outbox').whereIn('state', ['pending', 'sending']).min({ at: 'created_at' });
      const byState = Object.fromEntries(OUTBOX_STATES.map((state) => [state, 0])) as Record<OutboxState, number>;
      for (const row of rows) byState[row.state] = Number(row.rows);
      return { byState, oldestAgeSeconds: ageSeconds(oldest?.at, clock()) };
    },
  };
}

function rowsOf(reply: Reply, now: number): Record<string, unknown>[] {
  return reply.parts.map((content, part) => ({
    inbox_id: reply.inboxId,
    tenant_id: reply.tenantId,
    user_id: reply.userId,
    part,
    platform: reply.platform,
    app_id: reply.appId,
    chat_key: reply.chatKey,
    target: encodePayload(reply.target),
    content,
    replaces: part === 0 ? idOrNull(reply.replaces) : null,
    idempotency_key: `${reply.traceId}-${part}`,
    trace_id: reply.traceId,
    state: 'pending',
    created_at: now,
    available_at: DUE_NOW,
    expires_at: now + PART_EXPIRES_AFTER_MS,
  }));
}

/** Characters in the columns for platform ids. */
const LONGEST_ID = 191;

/** Drops an id that is too long for its column, because the row itself must be written. */
function idOrNull(platformMessageId: string | undefined): string | null {
  return platformMessageId !== undefined && platformMessageId.length <= LONGEST_ID ? platformMessageId : null;
}

function nextState(row: OutboxRow, result: SendResult, now: number): Fate {
  if (result.outcome !== 'retrying') return result.outcome;
  const due = now + retryDelayMs(row.attempts, result.failure.retryAfterMs);
  return isLastAttempt(row.attempts) || due > Number(row.expires_at) ? 'dead' : 'retrying';
}

/** Returns the columns for a result. Clears the text as soon as the part does not need to be sent again. */
function columnsOf(settled: Fate, row: OutboxRow, result: SendResult, now: number): Record<string, unknown> {
  if (result.outcome === 'sent') {
    return {
      last_class: null,
      last_code: null,
      state: 'sent',
      finished_at: now,
      platform_message_id: idOrNull(result.platformMessageId),
      content: '',
    };
  }
  const { failure } = result;
  const lastError = { last_class: failure.class, last_code: failure.code.slice(0, 64) };
  if (settled === 'retrying') {
    return {
      ...lastError,
      state: 'pending',
      available_at: now + jittered(retryDelayMs(row.attempts, failure.retryAfterMs)),
    };
  }
  return { ...lastError, state: settled, finished_at: now };
}
