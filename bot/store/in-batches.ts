// Changes or deletes many rows in small batches, so that no lock is held for long.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import { retryOnDeadlock } from './retry-on-deadlock.ts';

/** Rows per statement. */
export const BATCH_ROWS = 500;

export interface InBatchesOptions {
  knex: Knex;
  table: string;
  /** Primary key; default `id`. */
  key?: string;
  /** Adds the condition of the rows. Rows changed by `apply` must no longer match it. */
  where: (query: Knex.QueryBuilder) => Knex.QueryBuilder;
  /** Changes the rows and resolves with their number. Default: deletes them. */
  apply?: (query: Knex.QueryBuilder) => PromiseLike<number>;
  /** Stops the work between two batches. */
  signal?: AbortSignal | undefined;
}

/**
 * Resolves with the number of changed rows. Several processes may run this at once: each change checks the condition
 * again, so each row counts once.
 */
export async function inBatches({
  knex,
  table,
  key = 'id',
  where,
  apply = remove,
  signal,
}: InBatchesOptions): Promise<number> {
  let changed = 0;
  while (!signal?.aborted) {
    const keys: unknown[] = await where(knex(table)).limit(BATCH_ROWS).pluck(key);
    const change = () => apply(where(knex(table)).whereIn(key, keys as string[])); // knex's type allows one type of key
    if (keys.length > 0) changed += await retryOnDeadlock(change);
    if (keys.length < BATCH_ROWS) break;
    await nextTurn();
  }
  return changed;
}

const remove = (query: Knex.QueryBuilder): PromiseLike<number> => query.delete();
