// Command `ops data`: exports or deletes the data of a person or a tenant.
import { parseArgs } from 'node:util';
import { FINISHED_RETENTION_MS } from '../../bot/domain/callback.ts';
import { type Command, UsageError } from '../command.ts';
import { withDatabase } from '../installation/database.ts';
import { countRows } from './erase.ts';
import { eraseAndReport, type ReportOptions, report } from './erase-and-report.ts';
import { exportData } from './export.ts';
import { requireSubject } from './require-subject.ts';
import { readSubject, type Subject, userExamples } from './subject.ts';

const usage = () => `Usage: ./chatbot data <export|delete> [--user <platform>:<id>] [--tenant <id>] [options]

  export   all data of a person or a tenant, one JSON object a line, to stdout
           --out FILE   into a new file that only you can read
  delete   counts the rows; with --yes deletes them
           --json       the counts as JSON

An id is the platform's own, such as ${userExamples()}. The form of /whoami,
<platform>:<organisation>/<id>, selects the tenant of that organisation. An id that is known in several tenants may
belong to several people. In this case --user needs --tenant, and only the rows of that tenant are used.
delete waits for messages being answered and parts being sent. It keeps the ids of messages for ${FINISHED_RETENTION_MS / 3_600_000} hours, without their
sender, so that a message that the platform delivers again is not answered.

Exit code: 0 done, 1 an unknown tenant, an id of several tenants, or work that does not end, 2 wrong usage.`;

const OPTIONS = {
  user: { type: 'string' },
  tenant: { type: 'string' },
  out: { type: 'string' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export const command: Command = {
  name: 'data',
  summary: 'data of a person or a tenant: export, delete',
  usage,
  async run(argv) {
    const { values, positionals } = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
    const [action, ...more] = positionals;
    if (action !== 'export' && action !== 'delete') throw new UsageError('The action must be export or delete.');
    if (more.length > 0) throw new UsageError(`Too many arguments: ${more.join(' ')}`);
    const subject = readSubject(values.user, values.tenant);
    const stray = (action === 'export' ? ['yes', 'json'] : ['out']).find((name) => name in values);
    if (stray) throw new UsageError(`--${stray} cannot be used with ${action}.`);
    return action === 'export'
      ? exportData(subject, values.out)
      : deleteData(subject, { yes: values.yes === true, json: values.json === true }, argv);
  },
};

function deleteData(subject: Subject, options: ReportOptions, argv: string[]): Promise<number> {
  return withDatabase({ args: ['data', ...argv] }, { readOnly: !options.yes }, async (database) => {
    const found = await requireSubject(database.store, subject);
    const counts = options.yes ? await eraseAndReport(database, found) : await countRows(database.store, found);
    report(found, counts, options);
    return 0;
  });
}
