// Group commit: what arrives while a write is under way shares the next one.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { retryOnDeadlock } from './retry-on-deadlock.ts';
import { isRowError } from './row-errors.ts';

/** A batch is at most this long, so that nobody waits for a crowd. */
const MAX_BATCH = 100;

/**
 * Characters of a batch, unless one item alone has more. MariaDB ends the connection of a statement beyond 16 MiB
 * (`max_allowed_packet`), see https://mariadb.com/kb/en/server-system-variables/#max_allowed_packet
 * (read 2026-11); in UTF-8 and twice escaped, a character takes up to 7 bytes.
 */
export const MAX_BATCH_LENGTH = 2_000_000;

/** How long those rest between two writes who have no platform waiting: a crowd then shares fewer of them, and one alone never waits. */
export const REST_MS = 50;

export interface BatchOptions<Item> {
  /**
   * Least milliseconds from the start of one write to that of the next; default 0. With a rest, the event loop turns
   * between two results: callbacks are read between what follows them, such as requests to the model.
   */
  restMs?: number;
  /** Characters that an item writes; default 0, for items that are always short. */
  lengthOf?: (item: Item) => number;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Returns a function that hands its item to `write` together with others, in order of arrival, one batch at a
 * time. `write` resolves with one result an item, and does all or nothing. When it rejects because of what one row
 * holds, each item is written alone, so that only that one fails; when it rejects otherwise, all of the batch do.
 */
export function createBatch<Item, Result>(
  write: (items: Item[]) => Promise<Result[]>,
  { restMs = 0, lengthOf = () => 0 }: BatchOptions<Item> = {},
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let busy = false;
  let restedAt = 0;

  async function writeBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) {
        if (i > 0 && restMs > 0) await nextTurn();
        resolve(results[i] as Result); // one result an item
      }
    } catch (error) {
      await fail(batch, error);
    }
  }

  async function fail(batch: Waiting<Item, Result>[], error: unknown): Promise<void> {
    if (batch.length > 1 && isRowError(error)) for (const one of batch) await writeBatch([one]);
    else for (const { reject } of batch) reject(error);
  }

  function nextBatch(): Waiting<Item, Result>[] {
    let count = 0;
    for (let length = 0; count < Math.min(waiting.length, MAX_BATCH); count += 1) {
      length += lengthOf((waiting[count] as Waiting<Item, Result>).item); // below the number of those waiting
      if (count > 0 && length > MAX_BATCH_LENGTH) break;
    }
    return waiting.splice(0, count);
  }

  async function drain(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const rest = restedAt - performance.now();
      if (rest > 0) await sleep(rest);
      restedAt = performance.now() + restMs;
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
 * For a `write` that holds for all of its items or, with `false`, for none: then each is written alone and tells of
 * itself. Deadlocks are tried again. Resolves with one answer an item.
 */
export async function allOrEach<Item>(items: Item[], write: (items: Item[]) => Promise<boolean>): Promise<boolean[]> {
  if (await retryOnDeadlock(() => write(items))) return items.map(() => true);
  const answers: boolean[] = [];
  for (const item of items) answers.push(items.length > 1 && (await retryOnDeadlock(() => write([item]))));
  return answers;
}
