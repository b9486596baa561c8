// The two queues as the command line sees them: which rows are dead, how one is tried again, how one is given up.

import { PART_EXPIRES_AFTER_MS } from '../../bot/outbox/outbox.ts';
import { descriptors } from '../../bot/platforms/registry.ts';
import { RELEASED } from '../../bot/store/lease-times.ts';

/** A row of either table; which columns it has is the table's own. */
export type QueueRow = Record<string, string | number | null>;

export interface Queue {
  table: 'inbox' | 'outbox';
  /** What a row is called. */
  noun: string;
  states: readonly string[];
  /** States that people have to decide about: listed by default, and the only ones that can be retried or dropped. */
  deadStates: readonly string[];
  /** States in which a retry has nothing left to do. */
  waitingStates: readonly string[];
  droppedState: string;
  createdColumn: 'received_at' | 'created_at';
  /** What a retry writes besides the columns all queues have. */
  retryColumns(now: number): QueueRow;
  /** Takes the words of people out of the row. */
  emptyColumns: QueueRow;
  textOf(row: QueueRow): string;
}

export const OUTBOX: Queue = {
  table: 'outbox',
  noun: 'part',
  states: ['pending', 'sending', 'sent', 'unknown', 'dead', 'dropped'],
  deadStates: ['dead', 'unknown'],
  waitingStates: ['pending', 'sending'],
  droppedState: 'dropped',
  createdColumn: 'created_at',
  // Without the mark that its sending was begun, which a bot takes for that of the next attempt.
  retryColumns: (now) => ({ expires_at: now + PART_EXPIRES_AFTER_MS, last_class: null, last_code: null }),
  emptyColumns: { content: '', target: '{}' },
  textOf: ({ content }) => String(content),
};

/** A dropped message is a done one: its ids must stay known as long as the platform may repeat it. */
export const INBOX: Queue = {
  table: 'inbox',
  noun: 'message',
  states: ['pending', 'working', 'done', 'dead'],
  deadStates: ['dead'],
  waitingStates: ['pending', 'working'],
  droppedState: 'done',
  createdColumn: 'received_at',
  // The limits counted it when it came: tried again, many at once would silence each other.
  retryColumns: () => ({ available_at: RELEASED }),
  emptyColumns: { payload: '{}' },
  textOf: ({ payload }) => String((JSON.parse(String(payload)) as { text?: string }).text ?? ''), // written by the inbox
};

/** What the platform's code means and what mends it; undefined when nobody described it. */
export function hintOf({ platform, last_code: code }: QueueRow): string | undefined {
  if (typeof code !== 'string') return undefined;
  return descriptors()
    .find(({ id }) => id === platform)
    ?.explainCode(code, '')?.hint;
}
