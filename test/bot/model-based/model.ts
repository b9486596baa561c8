// Model of the two queues in plain arrays. The real queues are compared with it.
import { LEASE_MS } from '../../../bot/store/lease-times.ts';

export type QueueName = 'inbox' | 'outbox';
export type Process = 0 | 1;

/** Row of the model. Older rows come first in the array. */
export interface ModelRow {
  /** Value of a unique column of the real row. */
  key: string;
  chat: number;
  state: 'pending' | 'busy' | 'done' | 'sent' | 'unknown' | 'dead';
  attempts: number;
  availableAt: number;
  owner: string | null;
  leaseUntil: number;
  /** Number of deliveries by an owner whose lease had not expired. */
  deliveries: number;
}

/** Lease from the view of a process. Another process may own the row since. */
export interface Hold<Real> {
  row: ModelRow;
  attempts: number;
  real: Real;
}

export function newRow(key: string, chat: number, now: number): ModelRow {
  return { key, chat, state: 'pending', attempts: 0, availableAt: now, owner: null, leaseUntil: 0, deliveries: 0 };
}

const isUnfinished = (row: ModelRow) => row.state === 'pending' || row.state === 'busy';

/**
 * Returns rows that can be leased, oldest first: due or with an expired lease, and without an unfinished earlier row of
 * the chat.
 */
export function due(rows: readonly ModelRow[], now: number): ModelRow[] {
  return rows.filter((row, i) => {
    const isDue = row.state === 'pending' && row.availableAt <= now;
    const isExpired = row.state === 'busy' && row.leaseUntil < now;
    return (
      (isDue || isExpired) && !rows.slice(0, i).some((earlier) => earlier.chat === row.chat && isUnfinished(earlier))
    );
  });
}

export function startLease(row: ModelRow, owner: string, now: number): void {
  Object.assign(row, { state: 'busy', attempts: row.attempts + 1, owner, leaseUntil: now + LEASE_MS });
}

export function ownsRow({ row, attempts }: Hold<unknown>, owner: string): boolean {
  return row.state === 'busy' && row.owner === owner && row.attempts === attempts;
}

export function end(row: ModelRow, changes: Partial<ModelRow>): void {
  Object.assign(row, { owner: null, ...changes });
}

/** Returns true if each chat has first finished rows, then at most one leased row, then pending rows. */
export function isInOrder(rows: readonly ModelRow[]): boolean {
  return rows.every((row, i) => {
    if (row.state === 'pending') return true;
    return !rows.slice(0, i).some((earlier) => earlier.chat === row.chat && isUnfinished(earlier));
  });
}
