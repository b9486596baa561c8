// What became of every acknowledged message: seen by the user, explained by a row of the database, or lost.
import type { Store } from '../../bot/store/open-store.ts';
import type { Ledger, Message } from './ledger.ts';

/**
 * `answered`: the user has the answer. `notice`: the user has a sentence that says why there is none.
 * `unknown`: the row says that the platform may or may not have it. `dead`: the row says that it was given up.
 * `waiting`: the row says that it will still be sent. `lost`: no row explains it.
 */
export type Fate = 'answered' | 'notice' | 'unknown' | 'dead' | 'waiting' | 'lost';

/** A message without an answer, for people who look for the reason. */
export interface Unanswered {
  messageId: string;
  fate: Fate;
  row: string;
}

interface Row {
  message_id: string;
  inbox_state: string;
  /** Null before the answer is written. */
  outbox_state: string | null;
  last_class: string | null;
  last_code: string | null;
  content: string | null;
}

/** Reads the rows of a bot that is stopped. */
export async function fatesOf(
  store: Store,
  ledger: Ledger,
): Promise<{ fates: Map<Message, Fate>; list: Unanswered[] }> {
  const rows: Row[] = await store
    .knex('inbox')
    .leftJoin('outbox', 'outbox.inbox_id', 'inbox.id')
    .select('inbox.message_id', 'inbox.state as inbox_state', 'outbox.state as outbox_state')
    .select('outbox.last_class', 'outbox.last_code', 'outbox.content');
  const byId = new Map<string, Row[]>();
  for (const row of rows) byId.set(row.message_id, [...(byId.get(row.message_id) ?? []), row]);
  const fates = new Map<Message, Fate>();
  const list: Unanswered[] = [];
  for (const [message, count] of ledger.answers()) {
    if (!message.acknowledged) continue;
    const own = byId.get(message.messageId) ?? [];
    const fate = count > 0 ? 'answered' : fateOfRows(own);
    fates.set(message, fate);
    if (fate !== 'answered') list.push({ messageId: message.messageId, fate, row: JSON.stringify(own) });
  }
  return { fates, list };
}

function fateOfRows(rows: Row[]): Fate {
  const states = new Set(rows.flatMap((row) => [row.inbox_state, row.outbox_state ?? 'none']));
  const any = (...names: string[]) => names.some((name) => states.has(name));
  if (any('pending', 'working', 'sending')) return 'waiting';
  if (any('unknown')) return 'unknown';
  if (any('dead')) return 'dead';
  // Sent, and the lab has nothing with the message's own text: what it has is another text.
  return any('sent') ? 'notice' : 'lost';
}
