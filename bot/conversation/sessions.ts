// Sessions: what a person said in a chat lately, forgotten after a time of silence.
import type { Knex } from 'knex';
import type { ChatMessage } from '../domain/chat-message.ts';
import type { Platform } from '../domain/platform.ts';
import { createBatch, REST_MS } from '../store/batch.ts';
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';

export interface SessionOwner {
  /** Names a person in a chat, over all platforms. */
  key: string;
  tenantId: string;
  platform: Platform;
  userId: string;
}

export interface Session extends SessionOwner {
  /** Oldest first, at most `contextMaxLength` and a million UTF-16 units. */
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
   * The owner's session, a fresh one when it timed out, or undefined when there are too many sessions for a fresh
   * one, see `ceilingOf`. A fresh one is in the table at once: it counts while its first answer is being made, and
   * for other processes.
   */
  open(owner: SessionOwner): Promise<Session | undefined>;
  /** Writes sessions with what was said, in one statement, inside the transaction that ends their messages. */
  saveMany(trx: Knex.Transaction, saves: readonly SessionSave[]): Promise<void>;
  /** Forgets the session. */
  reset(trx: Knex.Transaction, key: string): Promise<void>;
  /** Sessions that have not timed out. */
  active(): Promise<number>;
}

export interface SessionsOptions {
  store: Store;
  timeoutSeconds: number;
  contextMaxLength: number;
  /** Concurrent sessions the installation is meant for. */
  limit: number;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** How long a count of sessions is used, with our own new ones added; other processes may open some meanwhile. */
const COUNT_KEEP_MS = 1_000;

/**
 * How many sessions there may be: a tenth more than the limit, and at least one. Refusing at the limit itself would
 * keep the measure at 100 % of it, and an alert on more than the limit would never be heard.
 */
export function ceilingOf(limit: number): number {
  return Math.max(limit + 1, Math.floor(limit * 1.1));
}

export function createSessions(options: SessionsOptions): Sessions {
  const { store, timeoutSeconds, contextMaxLength, limit, clock } = options;
  const { knex } = store;
  const aliveSince = () => clock() - timeoutSeconds * 1000;
  const known = { active: 0, at: Number.NEGATIVE_INFINITY };

  async function active(): Promise<number> {
    const [row] = await knex('session').where('last_active_at', '>', aliveSince()).count({ sessions: '*' });
    return Number(row?.sessions ?? 0);
  }

  /** The first of `fresh`, as many as there is room for. Only one call runs at a time. */
  async function admit(fresh: Session[]): Promise<Session[]> {
    if (fresh.length === 0) return [];
    if (Math.abs(clock() - known.at) >= COUNT_KEEP_MS) Object.assign(known, { active: await active(), at: clock() });
    const admitted = fresh.slice(0, Math.max(0, ceilingOf(limit) - known.active));
    await retryOnDeadlock(() => write(knex, admitted, clock()));
    known.active += admitted.length;
    return admitted;
  }

  /** What the table holds of those that have not timed out. */
  async function readAlive(owners: SessionOwner[]): Promise<Map<string, SessionRow>> {
    const rows = await knex<SessionRow>('session')
      .select('session_key', 'context', 'started_at')
      .whereIn(
        'session_key',
        owners.map(({ key }) => key),
      )
      .andWhere('last_active_at', '>', aliveSince());
    return new Map(rows.map((row) => [row.session_key, row]));
  }

  // Messages come in crowds; a crowd costs one reading, and one writing when some are new.
  const open = createBatch(
    async (owners: SessionOwner[]) => {
      const alive = await readAlive(owners);
      const found = owners.map((owner) => sessionOf(owner, alive.get(owner.key)));
      const admitted = new Set(await admit(found.filter(({ key }) => !alive.has(key))));
      return found.map((session) => (alive.has(session.key) || admitted.has(session) ? session : undefined));
    },
    { restMs: REST_MS },
  );

  const sessionOf = (owner: SessionOwner, row: SessionRow | undefined): Session => ({
    ...owner,
    context: row ? newest(JSON.parse(row.context) as ChatMessage[]) : [], // written by `write`
    startedAt: Number(row?.started_at ?? clock()),
  });

  const newest = (context: ChatMessage[]) =>
    contextMaxLength === 0 ? [] : withinSize(context.slice(-contextMaxLength));

  const saveMany: Sessions['saveMany'] = (trx, saves) =>
    write(
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

/** UTF-16 units of a context, so that a row fits in a packet and a column of MariaDB: 16 MB of UTF-8. */
const LARGEST_CONTEXT = 1_000_000;

/** Returns the newest messages that fit. */
function withinSize(context: ChatMessage[]): ChatMessage[] {
  let room = LARGEST_CONTEXT;
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

/** In one order for all processes, so that two of them seldom wait for each other. */
async function write(db: Knex, sessions: Session[], now: number): Promise<void> {
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
