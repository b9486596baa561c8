// Hands over what is held about a subject.

import { withDatabase } from '../installation/database.ts';
import { heldLines } from './held-rows.ts';
import { withOutput, writeLines } from './output.ts';
import { requireSubject } from './require-subject.ts';
import { optionsOf, type Subject } from './subject.ts';

/** Lines of JSON to stdout or into a new file. The file is made on this host, wherever the rows are read. */
export function exportData(subject: Subject, out: string | undefined): Promise<number> {
  return withOutput(out, (fd) =>
    withDatabase(
      { args: ['data', 'export', ...optionsOf(subject)], stdout: fd },
      { readOnly: true },
      async ({ store }) => {
        await writeLines(heldLines(store, await requireSubject(store, subject)), fd);
        return 0;
      },
    ),
  );
}
