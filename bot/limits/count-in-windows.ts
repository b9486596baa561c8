// Counts messages in windows of a minute, in SQL: the count survives a restart and holds across processes.
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';

/** A window starts with its first message and ends this much later. */
const WINDOW_MS = 60_000;

/** Counts one message for each key, in this order, and resolves with the number each has in its key's window. */
export type RateCounter = (keys: readonly string[]) => Promise<number[]>;

export interface RateCounterOptions {
  store: Store;
  /** Milliseconds since 1970. */
  clock: () => number;
}

interface Window {
  rate_key: string;
  messages: number;
}

export function createRateCounter({ store, clock }: RateCounterOptions): RateCounter {
  /** Adds to the windows, or begins them anew, and resolves with what they hold then. */
  async function add(tally: ReadonlyMap<string, number>): Promise<Window[]> {
    const now = clock();
    // In one order for all processes, so that two of them seldom wait for each other.
    const rows = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, messages]) => [key, now, messages]);
    const sql = upsert(store, rows.length);
    const result = await retryOnDeadlock(() => store.knex.raw(sql, [...rows.flat(), now, now]));
    return store.dialect === 'mysql' ? result[0] : result;
  }

  return async (keys) => {
    if (keys.length === 0) return [];
    const tally = new Map<string, number>();
    for (const key of keys) tally.set(key, (tally.get(key) ?? 0) + 1);
    const windows = await add(tally);
    const before = new Map(windows.map(({ rate_key: key, messages }) => [key, messages - (tally.get(key) ?? 0)]));
    return keys.map((key) => {
      const number = (before.get(key) ?? 0) + 1;
      before.set(key, number);
      return number;
    });
  };
}

/** MariaDB assigns from left to right, so the start, which decides, comes last. `abs`: a clock that was set back must not keep a window open. */
function upsert({ dialect }: Store, rows: number): string {
  const mysql = dialect === 'mysql';
  const given = (column: string) => (mysql ? `values(${column})` : `excluded.${column}`);
  const ended = `abs(? - window_start) >= ${WINDOW_MS}`;
  return `insert into rate_window (rate_key, window_start, messages) values ${Array(rows).fill('(?, ?, ?)').join(', ')}
    ${mysql ? 'on duplicate key update' : 'on conflict (rate_key) do update set'}
      messages = case when ${ended} then ${given('messages')} else messages + ${given('messages')} end,
      window_start = case when ${ended} then ${given('window_start')} else window_start end
    returning rate_key, messages`;
}
