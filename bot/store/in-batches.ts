// Changes or deletes many rows in small steps, so that nobody waits for a long lock.
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Knex } from 'knex';
import { retryOnDeadlock } from './retry-on-deadlock.ts';

/** Rows a statement. */
export const BATCH_ROWS = 500;

export interface InBatches {
  knex: Knex;
  table: string;
  /** The primary key; `id` when left out. */
  key?: string;
  /** Which rows. What `apply` does must take them out of this condition. */
  where: (query: Knex.QueryBuilder) => Knex.QueryBuilder;
  /** Deletes the rows when left out. Resolves with how many it touched. */
  apply?: (query: Knex.QueryBuilder) => PromiseLike<number>;
  /** Ends the work between two batches. */
  signal?: AbortSignal | undefined;
}

/**
 * Resolves with how many rows were touched. Several processes may do the same at once: the condition is asked again
 * when a batch is touched, so each row counts once.
 */
export async function inBatches({
  knex,
  table,
  key = 'id',
  where,
  apply = remove,
  signal,
}: InBatches): Promise<number> {
  let touched = 0;
  while (!signal?.aborted) {
    const keys: unknown[] = await where(knex(table)).limit(BATCH_ROWS).pluck(key);
    const touch = () => apply(where(knex(table)).whereIn(key, keys as string[])); // ids or text keys, as the table has them
    if (keys.length > 0) touched += await retryOnDeadlock(touch);
    if (keys.length < BATCH_ROWS) break;
    await yieldToOthers();
  }
  return touched;
}

const remove = (query: Knex.QueryBuilder): PromiseLike<number> => query.delete();
