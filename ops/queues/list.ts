// Lists rows of a queue without the text of messages.

import { hashKeyOf } from '../../bot/config/secret-values.ts';
import type { Settings } from '../../bot/config/settings.ts';
import { ageSeconds } from '../../bot/store/age.ts';
import { hashId } from '../../bot/telemetry/ids.ts';
import type { Database } from '../installation/database.ts';
import { columns } from '../process/columns.ts';
import { print, printJson } from '../process/terminal.ts';
import type { Queue, QueueRow } from './queue.ts';

export interface ListOptions {
  states: readonly string[];
  platform: string | undefined;
  limit: number;
  json: boolean;
}

/** Prints the rows, oldest first, which is the order of processing. Returns the exit code. */
export async function list(queue: Queue, { store, settings }: Database, options: ListOptions): Promise<number> {
  const { states, platform, limit, json } = options;
  const chosen = store.knex(queue.table).whereIn('state', states);
  if (platform !== undefined) chosen.andWhere({ platform });
  const [counted] = await chosen.clone().count({ rows: '*' });
  const rows: QueueRow[] = await chosen.orderBy('id').limit(limit);
  const facts = rows.map((row) => factsOf(queue, row, settings));
  if (json) {
    printJson(facts);
    return 0;
  }
  const total = Number(counted?.rows ?? 0);
  if (total === 0) print(`No ${queue.noun} is ${states.join(' or ')}.`);
  else print(table(facts));
  if (total > facts.length) print(`\n${total - facts.length} more${howToSeeMore(total, limit)}`);
  return 0;
}

/** Largest number of rows that one call lists. */
export const MAX_LIMIT = 10_000;

function howToSeeMore(total: number, limit: number): string {
  if (total <= MAX_LIMIT) return `: --limit ${total} shows them.`;
  return limit < MAX_LIMIT ? `: --limit ${MAX_LIMIT} shows as many as one call can.` : ' than one call can show.';
}

export interface RowFacts {
  id: number;
  state: string;
  platform: string;
  tenant: string;
  ageSeconds: number;
  attempts: number;
  /** Hash of the chat id, the same as in the log. */
  chatHash: string;
  traceId: string;
  /** Error class and error code of the last push. Inbox rows have neither. */
  class?: string | null;
  code?: string | null;
}

/** Returns the facts about one row, without the text of the message. */
export function factsOf({ table, createdColumn }: Queue, row: QueueRow, settings: Settings): RowFacts {
  const push =
    table === 'outbox' ? { class: row.last_class as string | null, code: row.last_code as string | null } : {}; // text columns
  return {
    id: Number(row.id),
    state: String(row.state),
    platform: String(row.platform),
    tenant: String(row.tenant_id),
    ageSeconds: Math.round(ageSeconds(row[createdColumn], Date.now())),
    attempts: Number(row.attempts),
    ...push,
    chatHash: hashId(hashKeyOf(settings), String(row.chat_key)),
    traceId: String(row.trace_id),
  };
}

function table(rows: RowFacts[]): string {
  const names = Object.keys(rows[0] ?? {}) as (keyof RowFacts)[]; // keys of RowFacts
  const titles = names.map((name) => TITLES[name] ?? name);
  return columns([
    titles,
    ...rows.map((row) =>
      names.map((name) => (name === 'ageSeconds' ? formatAge(row.ageSeconds) : String(row[name] ?? '-'))),
    ),
  ]);
}

const TITLES: Partial<Record<keyof RowFacts, string>> = { ageSeconds: 'age', chatHash: 'chat', traceId: 'trace' };

/** Formats an age: 90 → `1m`, 7200 → `2h`. */
function formatAge(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
