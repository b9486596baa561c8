// Retries or drops dead rows. Each row changes in one statement, so a running bot never sees a partial change.
import type { Knex } from 'knex';
import { inBatches } from '../../bot/store/in-batches.ts';
import { DUE_NOW } from '../../bot/store/lease-times.ts';
import type { Database } from '../installation/database.ts';
import { print, printError } from '../process/terminal.ts';
import type { Queue, QueueRow } from './queue.ts';

export interface QueueChange {
  /** Ids of the rows. If empty, all rows in `states` are changed. */
  ids: number[];
  states: readonly string[];
  platform: string | undefined;
}

/**
 * Retries dead rows and returns the exit code. The parts of a chat are sent in the order of their ids, so a retried
 * part is sent before newer ones.
 */
export async function retry(queue: Queue, database: Database, change: QueueChange): Promise<number> {
  const now = Date.now();
  const { warned, code, rows } = await updateRows(queue, database, {
    change,
    settledStates: queue.waitingStates,
    // A concurrent drop wins, because it has already erased the text.
    values: { state: 'pending', attempts: 0, available_at: DUE_NOW, finished_at: null, ...queue.retryColumns(now) },
  });
  if (warned > 0) {
    printError(`Warning: ${countOf(queue, warned)} may have been delivered already and may be sent twice.`);
  }
  print(`${countOf(queue, rows)} will be retried.`);
  return code;
}

/** Drops dead rows, erases their text and returns the exit code. */
export async function drop(queue: Queue, database: Database, change: QueueChange): Promise<number> {
  const { code, rows } = await updateRows(queue, database, {
    change,
    settledStates: [queue.droppedState],
    values: { state: queue.droppedState, finished_at: Date.now(), ...queue.emptyColumns },
  });
  print(`${countOf(queue, rows)} dropped.`);
  return code;
}

interface QueueUpdate {
  change: QueueChange;
  /** States in which a row needs no change. A named row in such a state is no error. */
  settledStates: readonly string[];
  values: QueueRow;
}

/** Updates the rows. `code` is 1 if a named row could not be changed, otherwise 0. */
async function updateRows(
  queue: Queue,
  { store: { knex } }: Database,
  { change: { ids, states, platform }, settledStates, values }: QueueUpdate,
): Promise<{ rows: number; warned: number; code: number }> {
  const code = await reportUnchanged(queue, knex, { ids, settledStates });
  const where = (query: Knex.QueryBuilder) => {
    query.whereIn('state', states);
    if (ids.length > 0) query.whereIn('id', ids);
    return platform === undefined ? query : query.andWhere({ platform });
  };
  const change = { knex, table: queue.table, apply: (query: Knex.QueryBuilder) => query.update(values) };
  const warned = await inBatches({ ...change, where: (query) => where(query).andWhere('state', 'unknown') });
  const others = await inBatches({ ...change, where });
  return { rows: warned + others, warned, code };
}

/** Reports why each named row that is not dead stays unchanged. Returns 1 if one of these is an error, otherwise 0. */
async function reportUnchanged(
  { table, noun, deadStates }: Queue,
  knex: Knex,
  { ids, settledStates }: { ids: number[]; settledStates: readonly string[] },
): Promise<number> {
  const rows: { id: number | string; state: string }[] = await knex(table).whereIn('id', ids).select('id', 'state');
  const states = new Map(rows.map(({ id, state }) => [Number(id), state]));
  let code = 0;
  for (const id of ids) {
    const state = states.get(id);
    if (state !== undefined && deadStates.includes(state)) continue;
    const settled = state !== undefined && settledStates.includes(state);
    if (!settled) code = 1;
    if (state === undefined) printError(`There is no ${noun} ${id}.`);
    else if (settled) printError(`The ${noun} ${id} is ${state} already.`);
    else printError(`The ${noun} ${id} is ${state}: only ${deadStates.join(' and ')} ones can be changed.`);
  }
  return code;
}

function countOf({ noun }: Queue, rows: number): string {
  return `${rows} ${noun}${rows === 1 ? '' : 's'}`;
}
