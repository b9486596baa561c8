// Describes the inbox and the outbox for the command line: dead states, and the columns of a retry and of a drop.

import { textOfMessage } from '../../bot/inbox/stored-message.ts';
import { PART_EXPIRES_AFTER_MS } from '../../bot/outbox/outbox.ts';
import { descriptorOf } from '../../bot/platforms/registry.ts';
import { RELEASED } from '../../bot/store/lease-times.ts';

/** A row of the inbox or the outbox table. */
export type QueueRow = Record<string, string | number | null>;

export interface Queue {
  table: 'inbox' | 'outbox';
  /** Name of a row in messages. */
  noun: string;
  states: readonly string[];
  /** States that need an operator. They are listed by default, and only they can be retried or dropped. */
  deadStates: readonly string[];
  /** States in which a retry is not needed. */
  waitingStates: readonly string[];
  droppedState: string;
  createdColumn: 'received_at' | 'created_at';
  /** Returns the additional columns that a retry writes. */
  retryColumns(now: number): QueueRow;
  /** Columns that erase the user's text. */
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
  // Removes the marker of the last attempt. Otherwise a bot would assume that the next attempt had already begun.
  retryColumns: (now) => ({ expires_at: now + PART_EXPIRES_AFTER_MS, last_class: null, last_code: null }),
  emptyColumns: { content: '', target: '{}' },
  textOf: ({ content }) => String(content),
};

/** Inbox. A dropped message becomes `done`, because its ids must stay known while the platform may redeliver it. */
export const INBOX: Queue = {
  table: 'inbox',
  noun: 'message',
  states: ['pending', 'working', 'done', 'dead'],
  deadStates: ['dead'],
  waitingStates: ['pending', 'working'],
  droppedState: 'done',
  createdColumn: 'received_at',
  // The rate limits counted the message when it arrived. `RELEASED` keeps its retry from counting again, because many
  // retries at once would exceed the limits.
  retryColumns: () => ({ available_at: RELEASED }),
  emptyColumns: { payload: '{}' },
  textOf: ({ payload }) => textOfMessage(String(payload)),
};

/** Returns the fix for the platform's error code, or undefined for an unknown code. */
export function hintOf({ platform, last_code: code }: QueueRow): string | undefined {
  if (typeof code !== 'string') return undefined;
  return descriptorOf(platform)?.explainCode(code)?.hint;
}
