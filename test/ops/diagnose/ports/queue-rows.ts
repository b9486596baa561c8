// Inserts rows in every state of a queue, and defines the counts that the diagnosis must read.
import type { Store } from '../../../../bot/store/open-store.ts';
import type { QueueRows } from '../../../../ops/diagnose/ports/ports.ts';

const AT = 1_700_000_000_000;

export const FILLED: QueueRows = {
  inbox: { depth: 2, dead: 1, oldestAt: AT + 1 },
  outbox: { pending: 2, unknown: 1, dead: 1, oldestAt: AT + 2 },
  givenUp: [
    { platform: 'feishu', code: null, count: 1 },
    { platform: 'feishu', code: '230002', count: 1 },
  ],
};

/** Inserts one row per state. The receive time of each row is its index in the list. */
export async function fillQueues({ knex }: Store): Promise<void> {
  const common = { platform: 'feishu', app_id: 'cli_a', chat_key: 'c', trace_id: 't', available_at: 0 };
  const inbox = ['done', 'pending', 'working', 'dead'].map((state, index) => ({
    ...common,
    state,
    message_id: `m${index}`,
    event_id: `e${index}`,
    tenant_id: 'default',
    payload: '{}',
    received_at: AT + index,
  }));
  const outbox = ['sent', 'dead', 'sending', 'pending', 'unknown'].map((state, index) => ({
    ...common,
    state,
    last_code: state === 'dead' ? '230002' : null,
    inbox_id: 1,
    part: index,
    target: '{}',
    content: 'x',
    idempotency_key: `k${index}`,
    expires_at: 0,
    created_at: AT + index,
  }));
  await knex('inbox').insert(inbox);
  await knex('outbox').insert(outbox);
}
