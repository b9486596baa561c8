// Shows all facts about one row, with the meaning of the platform's error code.
import { RELEASED } from '../../bot/store/lease-times.ts';
import type { Database } from '../installation/database.ts';
import { columns } from '../process/columns.ts';
import { CommandError } from '../process/command-error.ts';
import { print, printJson } from '../process/terminal.ts';
import { factsOf } from './list.ts';
import { hintOf, type Queue, type QueueRow } from './queue.ts';

export interface ShowOptions {
  id: number;
  json: boolean;
  /** Also show the text of the message. */
  text: boolean;
}

/** Prints the row and returns the exit code. Throws `CommandError` if there is no row with this id. */
export async function show(queue: Queue, { store, settings }: Database, options: ShowOptions): Promise<number> {
  const { id, json, text } = options;
  const row: QueueRow | undefined = await store.knex(queue.table).where({ id }).first();
  if (!row) throw new CommandError(`There is no ${queue.noun} ${id}.`);
  const hint = hintOf(row);
  const facts = {
    ...factsOf(queue, row, settings),
    app: row.app_id,
    ...times(row),
    ...(hint === undefined ? {} : { hint }),
    ...(text ? { text: queue.textOf(row) } : {}),
  };
  if (json) printJson(facts);
  else print(columns(Object.entries(facts).map(([name, value]) => [name, String(value ?? '-')])));
  return 0;
}

const TIMES = { received_at: 'receivedAt', created_at: 'createdAt', available_at: 'dueAt', lease_until: 'leasedUntil' };
const MORE_TIMES = { expires_at: 'expiresAt', finished_at: 'finishedAt' };

/** Returns the times of a row as ISO text. A time up to `RELEASED` means "due now" and is left out. */
function times(row: QueueRow): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...TIMES, ...MORE_TIMES }).flatMap(([column, name]) =>
      row[column] == null || Number(row[column]) <= RELEASED
        ? []
        : [[name, new Date(Number(row[column])).toISOString()]],
    ),
  );
}
