// Counts messages per minute in SQL, so that the count survives a restart and is shared by all processes.
import type { Store } from '../store/open-store.ts';
import { retryOnDeadlock } from '../store/retry-on-deadlock.ts';

/** Length of a window. A window starts with its first message. */
const WINDOW_MS = 60_000;

/** Counts one message per key, in this order. Resolves with the position of each message in the window of its key. */
export type RateCounter = (keys: readonly string[]) => Promise<number[]>;

export interface RateCounterOptions {
  store: Store;
  /** Milliseconds since 1970. */
  clock: () => number;
}

interface RateWindow {
  rate_key: string;
  messages: number;
}

export function createRateCounter({ store, clock }: RateCounterOptions): RateCounter {
  /** Adds to the windows, or starts new ones if they have ended. Resolves with the windows and their new counts. */
  async function add(counts: ReadonlyMap<string, number>): Promise<RateWindow[]> {
    const now = clock();
    // Sorted, so that concurrent processes lock the rows in the same order and seldom deadlock.
    const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, messages]) => [key, now, messages]);
    const sql = upsert(store, rows.length);
    const result = await retryOnDeadlock(() => store.knex.raw(sql, [...rows.flat(), now, now]));
    return store.dialect === 'mysql' ? result[0] : result;
  }

  return async (keys) => {
    if (keys.length === 0) return [];
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    const windows = await add(counts);
    const earlier = new Map(windows.map(({ rate_key: key, messages }) => [key, messages - (counts.get(key) ?? 0)]));
    return keys.map((key) => {
      const position = (earlier.get(key) ?? 0) + 1;
      earlier.set(key, position);
      return position;
    });
  };
}

/**
 * Builds the statement that counts. `window_start` is assigned last, because MariaDB assigns from left to right and
 * `ended` reads it. `abs` ends a window also if the clock was set back.
 */
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
