// Hands over what is held about a subject.
import type { Store } from '../../bot/store/open-store.ts';
import { requireTenant } from '../tenants/tenant.ts';
import { heldLines } from './held-rows.ts';
import { onDatabase } from './on-database.ts';
import { withOutput, writeLines } from './output.ts';
import { optionOf, type Subject } from './subject.ts';

/** Lines of JSON to stdout or into a new file. The file is made on this host, wherever the rows are read. */
export function exportData(subject: Subject, out: string | undefined): Promise<number> {
  return withOutput(out, (fd) =>
    onDatabase({ words: ['data', 'export', ...optionOf(subject)], stdout: fd }, async ({ store }) => {
      await requireSubject(store, subject);
      await writeLines(heldLines(store, subject), fd);
      return 0;
    }),
  );
}

/**
 * People are listed nowhere, so nobody is unknown; tenants are listed.
 * @throws Failure when there is no such tenant
 */
export async function requireSubject({ knex }: Store, subject: Subject): Promise<void> {
  if ('tenantId' in subject) await requireTenant(knex, subject.tenantId);
}
