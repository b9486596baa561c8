// Sessions: the recent messages of one person in one chat. A session expires after a time without messages.
import type { Knex } from 'knex';
import type { ChatMessage } from '../domain/chat-message.ts';
import type { Platform } from '../domain/platform.ts';
import { parseJson } from '../runtime/json.ts';
import { createBatch, WRITE_INTERVAL_MS } from '../store/batch.ts';
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';

export interface SessionOwner {
  /** Identifies a person in a chat across all platforms, see `sessionKey`. */
  key: string;
  tenantId: string;
  platform: Platform;
  userId: string;
}

export interface Session extends SessionOwner {
  /** Earlier messages, oldest first: at most `contextMaxLength` messages and a million UTF-16 units. */
  context: ChatMessage[];
  /** Milliseconds since 1970. */
  startedAt: number;
}

export interface SessionSave {
  session: Session;
  exchange: ChatMessage[];
}

export interface Sessions {
  /**
   * Returns the owner's session, or a new one if there is none or it has expired. Returns undefined if the limit of
   * sessions is reached, see `maxSessionsFor`. A new session is written at once, so that other processes count it
   * before its first answer is ready.
   */
  open(owner: SessionOwner): Promise<Session | undefined>;
  /** Writes sessions with their new exchanges in one statement, inside the transaction that finishes the messages. */
  saveMany(trx: Knex.Transaction, saves: readonly SessionSave[]): Promise<void>;
  /** Deletes the session. */
  reset(trx: Knex.Transaction, key: string): Promise<void>;
  /** Counts the sessions that have not expired. */
  active(): Promise<number>;
}

export interface SessionsOptions {
  store: Store;
  timeoutSeconds: number;
  contextMaxLength: number;
  /** Number of concurrent sessions that the installation is meant for. */
  limit: number;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/**
 * Lifetime of a cached session count. The sessions that this process creates are added to the cached count; those of
 * other processes are not.
 */
const COUNT_TTL_MS = 1_000;

/**
 * Returns the number of sessions from which new ones are rejected: 10 % above the limit, at least one above it. If
 * they were rejected at the limit itself, the metric would never exceed it and its alert would never fire.
 */
export function maxSessionsFor(limit: number): number {
  return Math.max(limit + 1, Math.floor(limit * 1.1));
}

export function createSessions(options: SessionsOptions): Sessions {
  const { store, timeoutSeconds, contextMaxLength, limit, clock } = options;
  const { knex } = store;
  const activeSince = () => clock() - timeoutSeconds * 1000;
  const counted = { active: 0, at: Number.NEGATIVE_INFINITY };

  async function active(): Promise<number> {
    const [row] = await knex('session').where('last_active_at', '>', activeSince()).count({ sessions: '*' });
    return Number(row?.sessions ?? 0);
  }

  /** Writes the first of the new sessions, up to the limit, and returns them. Only one call runs at a time. */
  async function create(added: Session[]): Promise<Session[]> {
    if (added.length === 0) return [];
    if (Math.abs(clock() - counted.at) >= COUNT_TTL_MS) Object.assign(counted, { active: await active(), at: clock() });
    const accepted = added.slice(0, Math.max(0, maxSessionsFor(limit) - counted.active));
    await retryOnDeadlock(() => upsert(knex, accepted, clock()));
    counted.active += accepted.length;
    return accepted;
  }

  /** Reads the sessions of the owners that have not expired, by session key. */
  async function readActive(owners: SessionOwner[]): Promise<Map<string, SessionRow>> {
    const rows = await knex<SessionRow>('session')
      .select('session_key', 'context', 'started_at')
      .whereIn(
        'session_key',
        owners.map(({ key }) => key),
      )
      .andWhere('last_active_at', '>', activeSince());
    return new Map(rows.map((row) => [row.session_key, row]));
  }

  // Under load, one batch needs one read, and one write if some sessions are new.
  const open = createBatch(
    async (owners: SessionOwner[]) => {
      const existing = await readActive(owners);
      const sessions = owners.map((owner) => sessionOf(owner, existing.get(owner.key)));
      const created = new Set(await create(sessions.filter(({ key }) => !existing.has(key))));
      return sessions.map((session) => (existing.has(session.key) || created.has(session) ? session : undefined));
    },
    { intervalMs: WRITE_INTERVAL_MS },
  );

  const sessionOf = (owner: SessionOwner, row: SessionRow | undefined): Session => ({
    ...owner,
    context: row ? newest(readContext(row.context)) : [],
    startedAt: Number(row?.started_at ?? clock()),
  });

  /** Returns the messages that `upsert` stored. A damaged row counts as empty, so that its conversation goes on. */
  const readContext = (stored: string): ChatMessage[] => {
    const context = parseJson(stored);
    return Array.isArray(context) ? context : [];
  };

  const newest = (context: ChatMessage[]) =>
    contextMaxLength === 0 ? [] : withinSize(context.slice(-contextMaxLength));

  const saveMany: Sessions['saveMany'] = (trx, saves) =>
    upsert(
      trx,
      saves.map(({ session, exchange }) => ({ ...session, context: newest([...session.context, ...exchange]) })),
      clock(),
    );

  return {
    active,
    open,
    saveMany,
    async reset(trx, key) {
      await trx('session').where('session_key', key).delete();
    },
  };
}

/**
 * Maximum UTF-16 units of a context, so that a row fits into a packet and a column of MariaDB: 16 MB of UTF-8. See
 * https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet (read 2026-11).
 */
export const MAX_CONTEXT_LENGTH = 1_000_000;

/** Returns the newest messages that fit into `MAX_CONTEXT_LENGTH`. */
function withinSize(context: ChatMessage[]): ChatMessage[] {
  let room = MAX_CONTEXT_LENGTH;
  const tooLarge = context.findLastIndex(({ content }) => {
    room -= content.length;
    return room < 0;
  });
  return context.slice(tooLarge + 1);
}

interface SessionRow {
  session_key: string;
  /** `ChatMessage[]` as JSON. */
  context: string;
  started_at: number | string;
}

/** Inserts or updates sessions, in the order of their keys. All processes use this order, so deadlocks are rare. */
async function upsert(db: Knex, sessions: Session[], now: number): Promise<void> {
  if (sessions.length === 0) return;
  const rows = sessions.map((session) => ({
    session_key: session.key,
    tenant_id: session.tenantId,
    platform: session.platform,
    user_id: session.userId,
    context: JSON.stringify(session.context),
    started_at: session.startedAt,
    last_active_at: now,
  }));
  rows.sort((a, b) => (a.session_key < b.session_key ? -1 : 1));
  await db('session').insert(rows).onConflict('session_key').merge();
}
