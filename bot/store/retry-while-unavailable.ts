// Retries the write of a result that only this process knows, while the database is unavailable for a moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { isRowError } from './row-errors.ts';

/** Pauses in milliseconds. Together shorter than `LEASE_MS`, because later another process may have leased the row. */
const PAUSES_MS = [100, 400, 1_000, 2_000, 3_000, 4_000] as const;

/**
 * Retries `write` after each of the pauses. `write` may have succeeded although it rejected. Once `signal` aborts, the
 * last attempt follows immediately. Rejects without a retry if the database rejected the values of the row.
 */
export async function retryWhileUnavailable<T>(write: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await write();
    } catch (error) {
      if (isRowError(error) || signal.aborted) throw error;
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
  return write();
}
