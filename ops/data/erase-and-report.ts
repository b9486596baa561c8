// Deletes the data of a subject, waits for work in progress, and reports the counts.

import type { Database } from '../installation/database.ts';
import { columns } from '../process/columns.ts';
import { print, printError, printJson } from '../process/terminal.ts';
import { type Counts, erase } from './erase.ts';
import { nameOf, type Subject } from './subject.ts';

/** Milliseconds for sending a part or finishing an answer, after the model's own timeout. */
const AFTER_MODEL_MS = 15_000;

/**
 * Deletes the rows of the subject. Waits for work in progress for the model's timeout plus 15 s, and reports the wait
 * once. Throws `CommandError` if the work does not end in time.
 */
export function eraseAndReport({ store, settings }: Database, subject: Subject): Promise<Counts> {
  const timeoutMs = settings.MODEL_TIMEOUT_MS + AFTER_MODEL_MS;
  let reported = false;
  return erase(store, {
    subject,
    timeoutMs,
    onWait: (rows) => {
      if (!reported) printError(`Waiting for messages and parts in progress: ${rows}`);
      reported = true;
    },
  });
}

export interface ReportOptions {
  /** True if the rows were deleted, false if they were only counted. */
  yes: boolean;
  json: boolean;
}

/** Prints the number of rows of each table. */
export function report(subject: Subject, counts: Counts, { yes, json }: ReportOptions): void {
  if (json) {
    printJson({ deleted: yes, rows: counts });
    return;
  }
  const rows = Object.entries(counts).map(([table, count]) => [table, String(count)]);
  print(`${yes ? 'Deleted rows' : 'Rows'} of ${nameOf(subject)}:\n${columns(rows)}`);
  if (!yes) print('Nothing was deleted. Add --yes to delete these rows.');
}
