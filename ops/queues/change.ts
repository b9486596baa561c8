// Tries dead rows again, or gives them up for good. Each change is one statement, so the running bot sees it whole.
import type { Knex } from 'knex';
import { inBatches } from '../../bot/store/in-batches.ts';
import { DUE_NOW } from '../../bot/store/lease-times.ts';
import type { Database } from '../installation/database.ts';
import { print, printError } from '../process/terminal.ts';
import type { Queue, QueueRow } from './queue.ts';

export interface Change {
  /** Empty: all rows in `states`. */
  ids: number[];
  states: readonly string[];
  platform: string | undefined;
}

/** The rows of a chat are sent by id, so what is tried again goes before what came later. */
export async function retry(queue: Queue, database: Database, change: Change): Promise<number> {
  const now = Date.now();
  const { warned, code, rows } = await apply(queue, database, {
    change,
    settledStates: queue.waitingStates,
    // Who drops a row meanwhile wins: its text is gone.
    values: { state: 'pending', attempts: 0, available_at: DUE_NOW, finished_at: null, ...queue.retryColumns(now) },
  });
  if (warned > 0) {
    printError(`Warning: of ${warned} nobody knows whether the platform took it; it may be said twice.`);
  }
  print(`${countOf(queue, rows)} will be tried again.`);
  return code;
}

export async function drop(queue: Queue, database: Database, change: Change): Promise<number> {
  const { code, rows } = await apply(queue, database, {
    change,
    settledStates: [queue.droppedState],
    values: { state: queue.droppedState, finished_at: Date.now(), ...queue.emptyColumns },
  });
  print(`${countOf(queue, rows)} dropped.`);
  return code;
}

interface Application {
  change: Change;
  /** States in which nothing is left to do: no error. */
  settledStates: readonly string[];
  values: QueueRow;
}

/** `code` is 1 when a row that was named could not be changed. */
async function apply(
  queue: Queue,
  { store: { knex } }: Database,
  { change: { ids, states, platform }, settledStates, values }: Application,
): Promise<{ rows: number; warned: number; code: number }> {
  const code = await explainOthers(queue, knex, { ids, settledStates });
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

/** Says of each named row that is not dead why nothing happens to it. */
async function explainOthers(
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
