// What the two queues should do, in plain arrays: the simple side that the real ones are compared with.
import { LEASE_MS } from '../../../bot/store/lease-times.ts';

export type QueueName = 'inbox' | 'outbox';
export type Process = 0 | 1;

/** One row. Its place in the array is its age. */
export interface ModelRow {
  /** Unique in its queue, and a column of the real row. */
  key: string;
  chat: number;
  state: 'pending' | 'busy' | 'done' | 'sent' | 'unknown' | 'dead';
  attempts: number;
  availableAt: number;
  owner: string | null;
  leaseUntil: number;
  /** How often a holder whose lease had not run out sent it. */
  deliveries: number;
}

/** What a process believes it holds; it may have been taken over since. */
export interface Hold<Real> {
  row: ModelRow;
  attempts: number;
  real: Real;
}

export function newRow(key: string, chat: number, now: number): ModelRow {
  return { key, chat, state: 'pending', attempts: 0, availableAt: now, owner: null, leaseUntil: 0, deliveries: 0 };
}

const open = (row: ModelRow) => row.state === 'pending' || row.state === 'busy';

/** Rows that may be taken, oldest first: due, or left behind; and only after all earlier ones of their chat. */
export function due(rows: readonly ModelRow[], now: number): ModelRow[] {
  return rows.filter((row, i) => {
    const ready = row.state === 'pending' && row.availableAt <= now;
    const lost = row.state === 'busy' && row.leaseUntil < now;
    return (ready || lost) && !rows.slice(0, i).some((earlier) => earlier.chat === row.chat && open(earlier));
  });
}

export function take(row: ModelRow, owner: string, now: number): void {
  Object.assign(row, { state: 'busy', attempts: row.attempts + 1, owner, leaseUntil: now + LEASE_MS });
}

export function isHeld({ row, attempts }: Hold<unknown>, owner: string): boolean {
  return row.state === 'busy' && row.owner === owner && row.attempts === attempts;
}

export function end(row: ModelRow, changes: Partial<ModelRow>): void {
  Object.assign(row, { owner: null, ...changes });
}

/** In each chat: first what is over, then at most one that somebody holds, then what waits. */
export function isInOrder(rows: readonly ModelRow[]): boolean {
  return rows.every((row, i) => {
    if (row.state === 'pending') return true;
    return !rows.slice(0, i).some((earlier) => earlier.chat === row.chat && open(earlier));
  });
}
