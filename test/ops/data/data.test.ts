// Tests `ops data` on SQLite, wrong usage, and an export from the bot's container.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { countRows } from '../../../ops/data/erase.ts';
import { readSubject } from '../../../ops/data/subject.ts';
import { runOps } from '../../support/built-ops.ts';
import { temporaryFolder } from '../process/stand-in.ts';
import { composeFolder } from './compose-folder.ts';
import { describeData } from './describe-data.ts';
import { createInstallation } from './installation.ts';

describeData('SQLite', async () => undefined);

test.each([
  [['data'], 'The action must be export or delete.'],
  [['data', 'export'], 'Name a person with --user, a tenant with --tenant, or both.'],
  [['data', 'export', 'ann', '--tenant', 'b'], 'Too many arguments: ann'],
  [['data', 'export', '--tenant', 'b', '--yes'], '--yes cannot be used with export.'],
  [['data', 'delete', '--tenant', 'b', '--out', 'x'], '--out cannot be used with delete.'],
  ...['ann', 'slack:ann', 'feishu:'].map((user): [string[], string] => [
    ['data', 'delete', '--user', user],
    `--user ${user} is not a platform and an id, such as feishu:ou_a1 (open_id) or dingtalk:manager42 (staff id).`,
  ]),
])('%j is wrong usage', async (argv, problem) => {
  const { exitCode, stdout, stderr } = await runOps(argv, { dir: temporaryFolder() });
  expect([exitCode, stdout, stderr.split('\n')[0]]).toEqual([2, '', problem]);
});

test('covers every table with a user_id column', async () => {
  const here = await createInstallation();
  const { knex } = here.store;
  const tables: string[] = await knex('sqlite_master').where('type', 'table').pluck('name');
  const columns = await Promise.all(tables.map((table) => knex(table).columnInfo()));
  const ofPeople = tables.filter((_, i) => columns[i] && 'user_id' in columns[i]);
  const counted = await countRows(here.store, { platform: 'feishu', userId: 'ou_1' });
  expect(Object.keys(counted).sort()).toEqual(ofPeople.sort());
  await here.remove();
});

test('reads the rows in the container with the compose profiles, and creates the file on the host', async () => {
  const { dir, env, calls } = composeFolder('test "$2" = ps && echo 5f1c || echo \'{"table":"inbox"}\'');
  const argv = ['data', 'export', '--user', 'feishu:ou_1', '--tenant', 'acme', '--out', 'ann.ndjson'];
  expect(await runOps(argv, { dir, env })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  expect(readFileSync(join(dir, 'ann.ndjson'), 'utf8')).toBe('{"table":"inbox"}\n');
  expect(statSync(join(dir, 'ann.ndjson')).mode & 0o777).toBe(0o600);
  expect(calls()).toMatch(
    / exec --no-TTY bot node dist\/ops\/main\.js data export --user feishu:ou_1 --tenant acme\n$/,
  );
});

test.each(['INT', 'TERM', 'HUP'])('removes the file of an export that SIG%s ends', async (signal) => {
  // The parent of the script is the command. The script must not end before the command has received the signal.
  const wait = 'while kill -0 $PPID; do sleep 0.05; done 2>&-';
  const { dir, env } = composeFolder(
    `test "$2" = ps && echo 5f1c || { echo '{"table":"inbox"}'; kill -${signal} $PPID; ${wait}; }`,
  );
  const argv = ['data', 'export', '--user', 'feishu:ou_1', '--out', 'ann.ndjson'];
  await expect(runOps(argv, { dir, env })).rejects.toThrow(/^Ended by a signal/);
  expect(readdirSync(dir)).not.toContain('ann.ndjson');
});

test.each(['feishu:ou_1 ', '\u200bfeishu:ou_1', '“feishu:ou_1”', 'feishu:ou_1\ufeff\n'])(
  'removes blanks, quotation marks and invisible characters around a pasted id: %j',
  (user) => {
    expect(readSubject(user, ' acme\u200b')).toEqual({ platform: 'feishu', userId: 'ou_1', tenantId: 'acme' });
  },
);
