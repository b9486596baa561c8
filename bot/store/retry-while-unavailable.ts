// Writes again what only this process knows, while the database is away for a moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { isRowError } from './row-errors.ts';

/** Together less than a lease lasts without a sign of life: later, somebody else may have the row. */
const PAUSES_MS = [100, 400, 1_000, 2_000, 3_000, 4_000] as const;

/** `write` may have succeeded although it rejected. Once `signal` aborts, the last attempt is made at once. */
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
