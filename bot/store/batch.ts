// Group commit: what arrives while a write is under way shares the next one.
import { isRowError } from './open-store.ts';

/** A batch is at most this long, so that nobody waits for a crowd. */
const MAX_BATCH = 100;

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
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let busy = false;

  async function writeBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result); // one result an item
    } catch (error) {
      await fail(batch, error);
    }
  }

  async function fail(batch: Waiting<Item, Result>[], error: unknown): Promise<void> {
    if (batch.length > 1 && isRowError(error)) for (const one of batch) await writeBatch([one]);
    else for (const { reject } of batch) reject(error);
  }

  async function drain(): Promise<void> {
    busy = true;
    while (waiting.length > 0) await writeBatch(waiting.splice(0, MAX_BATCH));
    busy = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!busy) void drain();
    });
}
