// Determines the fate of every acknowledged message: answered, explained by a row of the database, or lost.
import type { Store } from '../../bot/store/open-store.ts';
import type { Ledger, Message } from './ledger.ts';

/**
 * Fate of an acknowledged message. `answered`: the user has the answer. `notice`: the user has the reason for a missing
 * answer. By its row, `unknown`: the platform may or may not have the answer; `dead`: the bot gave up; `waiting`: the
 * answer will still be sent. `lost`: no row explains the missing answer.
 */
export type Fate = 'answered' | 'notice' | 'unknown' | 'dead' | 'waiting' | 'lost';

/** A message without an answer, with its rows for the analysis. */
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

/** Returns the fates from the rows of a stopped bot, and a list of the messages without an answer. */
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
    const messageRows = byId.get(message.messageId) ?? [];
    const fate = count > 0 ? 'answered' : fateOfRows(messageRows);
    fates.set(message, fate);
    if (fate !== 'answered') list.push({ messageId: message.messageId, fate, row: JSON.stringify(messageRows) });
  }
  return { fates, list };
}

function fateOfRows(rows: Row[]): Fate {
  const states = new Set(rows.flatMap((row) => [row.inbox_state, row.outbox_state ?? 'none']));
  const hasAny = (...names: string[]) => names.some((name) => states.has(name));
  if (hasAny('pending', 'working', 'sending')) return 'waiting';
  if (hasAny('unknown')) return 'unknown';
  if (hasAny('dead')) return 'dead';
  // The lab has no sent message with this message's marker, so the bot sent another text: an apology.
  return hasAny('sent') ? 'notice' : 'lost';
}
