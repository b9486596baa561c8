// Exports all rows of a subject as JSON lines.

import { withDatabase } from '../installation/database.ts';
import { exportLines } from './held-rows.ts';
import { withOutput, writeLines } from './output.ts';
import { requireSubject } from './require-subject.ts';
import { optionsOf, type Subject } from './subject.ts';

/**
 * Writes the rows to stdout or into a new file, and resolves with the exit code. The file is created on this host, even
 * if the rows are read in the bot's container. Throws `CommandError` for an unknown tenant, an ambiguous id, or a file
 * that cannot be created.
 */
export function exportData(subject: Subject, out: string | undefined): Promise<number> {
  return withOutput(out, (fd) =>
    withDatabase(
      { args: ['data', 'export', ...optionsOf(subject)], stdout: fd },
      { readOnly: true },
      async ({ store }) => {
        await writeLines(exportLines(store, await requireSubject(store, subject)), fd);
        return 0;
      },
    ),
  );
}
