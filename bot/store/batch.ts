// Group commit: items that arrive during a write share the next write.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { retryOnDeadlock } from './retry-on-deadlock.ts';
import { isRowError } from './row-errors.ts';

/** Maximum number of items per batch, so that no item waits for a long write. */
const MAX_BATCH = 100;

/**
 * Maximum characters per batch, unless a single item is longer. MariaDB closes the connection on a statement beyond 16
 * MiB (`max_allowed_packet`), see https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet (read 2026-11).
 * In UTF-8 and escaped twice, a character needs up to 7 bytes.
 */
export const MAX_BATCH_LENGTH = 2_000_000;

/**
 * Minimum milliseconds between writes that no platform request is waiting for. Under load this puts more rows into each
 * write; a single write is not delayed.
 */
export const WRITE_INTERVAL_MS = 50;

export interface BatchOptions<Item> {
  /**
   * Minimum milliseconds from the start of one write to the start of the next; default 0. If positive, the event loop
   * turns between two results. Callbacks are then read before the work that follows the next result, such as a model
   * request.
   */
  intervalMs?: number;
  /** Returns the number of characters that an item writes; default 0, for items that are always short. */
  lengthOf?: (item: Item) => number;
}

interface WaitingItem<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Returns a function that passes its item to `write` together with other items, in order of arrival, one batch at a
 * time. `write` must write all items or none, and resolves with one result per item. If it rejects because of the
 * values of one row, each item is written alone, so that only that item fails. If it rejects for another reason, all
 * items of the batch fail.
 */
export function createBatch<Item, Result>(
  write: (items: Item[]) => Promise<Result[]>,
  { intervalMs = 0, lengthOf = () => 0 }: BatchOptions<Item> = {},
): (item: Item) => Promise<Result> {
  const waiting: WaitingItem<Item, Result>[] = [];
  let busy = false;
  let nextWriteAt = 0;

  async function writeBatch(batch: WaitingItem<Item, Result>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) {
        if (i > 0 && intervalMs > 0) await nextTurn();
        resolve(results[i] as Result); // one result per item
      }
    } catch (error) {
      await fail(batch, error);
    }
  }

  async function fail(batch: WaitingItem<Item, Result>[], error: unknown): Promise<void> {
    if (batch.length > 1 && isRowError(error)) for (const one of batch) await writeBatch([one]);
    else for (const { reject } of batch) reject(error);
  }

  function nextBatch(): WaitingItem<Item, Result>[] {
    let count = 0;
    for (let length = 0; count < Math.min(waiting.length, MAX_BATCH); count += 1) {
      length += lengthOf((waiting[count] as WaitingItem<Item, Result>).item); // the index is below the length
      if (count > 0 && length > MAX_BATCH_LENGTH) break;
    }
    return waiting.splice(0, count);
  }

  async function drain(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const pause = nextWriteAt - performance.now();
      if (pause > 0) await sleep(pause);
      nextWriteAt = performance.now() + intervalMs;
      await writeBatch(nextBatch());
    }
    busy = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!busy) void drain();
    });
}

/**
 * Writes all items together. If `write` resolves with false, writes each item alone. `write` must write all of its
 * items, or write none and resolve with false. Deadlocks are retried. Resolves with one result per item.
 */
export async function allOrEach<Item>(items: Item[], write: (items: Item[]) => Promise<boolean>): Promise<boolean[]> {
  if (await retryOnDeadlock(() => write(items))) return items.map(() => true);
  const results: boolean[] = [];
  for (const item of items) results.push(items.length > 1 && (await retryOnDeadlock(() => write([item]))));
  return results;
}
