// Rows for tests that fill the tables directly: complete, and unique where a key requires it.
import { randomUUID } from 'node:crypto';

type Row = Record<string, string | number | null>;

export function inboxRow(over: Row = {}): Row {
  const id = randomUUID();
  return {
    ...{ platform: 'feishu', app_id: 'cli_a', message_id: id, event_id: id, tenant_id: 'default', user_id: 'ou_1' },
    ...{ payload: '{}', received_at: 0, chat_key: 'c', trace_id: 't', state: 'pending', available_at: 0, ...over },
  };
}

export function outboxRow(over: Row = {}): Row {
  return {
    ...{ inbox_id: 1, part: 0, platform: 'feishu', app_id: 'cli_a', tenant_id: 'default', user_id: 'ou_1' },
    ...{ target: '{}', content: 'x', idempotency_key: randomUUID(), expires_at: 0, created_at: 0, chat_key: 'c' },
    ...{ trace_id: 't', state: 'pending', available_at: 0, ...over },
  };
}

export function sessionRow(over: Row = {}): Row {
  const owner = { session_key: randomUUID(), tenant_id: 'default', platform: 'feishu', user_id: 'ou_1' };
  return { ...owner, context: '[]', started_at: 0, last_active_at: 0, ...over };
}

export function conversationRow(over: Row = {}): Row {
  const owner = { tenant_id: 'default', platform: 'feishu', user_id: 'ou_1', chat_id: 'oc_1' };
  return { ...owner, role: 'user', content: 'hi', trace_id: 't', ...over };
}
