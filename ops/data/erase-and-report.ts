// Deletes with patience, and says what was deleted.

import type { Database } from '../installation/database.ts';
import { columns } from '../process/columns.ts';
import { print, printError, printJson } from '../process/terminal.ts';
import { type Counts, erase } from './erase.ts';
import { nameOf, type Subject } from './subject.ts';

/** Milliseconds that sending a part, or the end of an answer, may take beyond the model. */
const AFTER_MODEL_MS = 15_000;

/** Waits for work under way as long as the model may take, and says so. */
export function eraseAndReport({ store, settings }: Database, subject: Subject): Promise<Counts> {
  const patienceMs = settings.MODEL_TIMEOUT_MS + AFTER_MODEL_MS;
  let told = false;
  return erase(store, {
    subject,
    patienceMs,
    onWait: (rows) => {
      if (!told) printError(`Waiting for messages and parts under way: ${rows}`);
      told = true;
    },
  });
}

export interface ReportOptions {
  /** Whether the rows were deleted, or only counted. */
  yes: boolean;
  json: boolean;
}

export function report(subject: Subject, counts: Counts, { yes, json }: ReportOptions): void {
  if (json) {
    printJson({ deleted: yes, rows: counts });
    return;
  }
  const rows = Object.entries(counts).map(([table, count]) => [table, String(count)]);
  print(`${yes ? 'Deleted of' : 'Held about'} ${nameOf(subject)}:\n${columns(rows)}`);
  if (!yes) print('Nothing was deleted. With --yes it is.');
}
