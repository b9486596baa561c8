// Sessions: what a person said in a chat lately, forgotten after a time of silence.
import type { Knex } from 'knex';
import type { Store } from '../store/open-store.ts';

export interface ChatMessage {
  role: 'user' | 'assistant';
  content: string;
}

export interface Session {
  key: string;
  tenantId: string;
  /** Oldest first, at most `contextMaxLength`. */
  context: ChatMessage[];
  startedAt: number;
}

export interface Sessions {
  /**
   * The session of `key`, a fresh one when it timed out, or undefined when a fresh one would be more than the
   * limit of concurrent sessions.
   */
  open(key: string, tenantId: string): Promise<Session | undefined>;
  /** Writes the session with a new exchange, inside the transaction that ends the message. */
  save(trx: Knex.Transaction, session: Session, exchange: ChatMessage[]): Promise<void>;
  reset(trx: Knex.Transaction, key: string): Promise<void>;
  active(): Promise<number>;
}

export interface SessionsOptions {
  store: Store;
  timeoutSeconds: number;
  contextMaxLength: number;
  limit: number;
  clock: () => number;
}

interface SessionRow {
  context: string;
  started_at: number;
  last_active_at: number;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { store, timeoutSeconds, contextMaxLength, limit, clock } = options;
  const { knex } = store;
  const aliveSince = () => clock() - timeoutSeconds * 1000;

  async function active(): Promise<number> {
    const [row] = await knex('session').where('last_active_at', '>', aliveSince()).count({ sessions: '*' });
    return Number(row?.sessions ?? 0);
  }

  return {
    active,
    async open(key, tenantId) {
      const row = await knex('session')
        .where('session_key', key)
        .first<SessionRow | undefined>('context', 'started_at', 'last_active_at');
      if (row && Number(row.last_active_at) > aliveSince()) {
        const context = (JSON.parse(row.context) as ChatMessage[]).slice(-contextMaxLength); // written by `save`
        return { key, tenantId, context, startedAt: Number(row.started_at) };
      }
      if ((await active()) >= limit) return undefined;
      return { key, tenantId, context: [], startedAt: clock() };
    },
    async save(trx, session, exchange) {
      const context = contextMaxLength === 0 ? [] : [...session.context, ...exchange].slice(-contextMaxLength);
      await trx('session')
        .insert({
          session_key: session.key,
          tenant_id: session.tenantId,
          context: JSON.stringify(context),
          started_at: session.startedAt,
          last_active_at: clock(),
        })
        .onConflict('session_key')
        .merge();
    },
    async reset(trx, key) {
      await trx('session').where('session_key', key).delete();
    },
  };
}
