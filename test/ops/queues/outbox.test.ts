// Tests `ops outbox` and `ops inbox` on SQLite, wrong usage, and the search for the database.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { outboxRow } from '../../bot/store/rows.ts';
import { runOps } from '../../support/built-ops.ts';
import { freePort } from '../../support/free-port.ts';
import { composeFolder } from '../data/compose-folder.ts';
import { createInstallation } from '../data/installation.ts';
import { temporaryFolder } from '../process/stand-in.ts';
import { describeOutbox } from './describe-outbox.ts';

describeOutbox('SQLite', async () => undefined);

test.each([
  [['outbox'], 'Missing action: list, show, retry or drop.'],
  [['outbox', 'purge'], 'Unknown action: purge'],
  [['outbox', 'list', '3'], 'Too many arguments: 3'],
  [['outbox', 'list', '--state', 'lost'], '--state lost is not one of pending, sending, sent, unknown, dead, dropped.'],
  [['outbox', 'list', '--platform', 'slack'], '--platform slack is not one of feishu, dingtalk.'],
  [['outbox', 'list', '--limit', '0'], '--limit 0 is not a number from 1 to 10000.'],
  [['outbox', 'list', '--all'], '--all cannot be used with list.'],
  [['outbox', 'show'], 'Give one id, such as: show 17'],
  [['outbox', 'show', 'x'], 'x is not an id, such as 17.'],
  [['outbox', 'retry'], 'Give ids, or --all.'],
  [['outbox', 'retry', '3', '--all'], 'Give ids, or --all.'],
  [['outbox', 'drop', '3', '--state', 'dead'], '--state and --platform can only be used with --all.'],
  [['outbox', 'drop', '--all', '--state', 'sent'], '--state sent is not one of dead, unknown.'],
  [['inbox', 'list', '--state', 'unknown'], '--state unknown is not one of pending, working, done, dead.'],
])('%j is wrong usage', async (argv, problem) => {
  const { exitCode, stdout, stderr } = await runOps(argv, { dir: temporaryFolder() });
  expect([exitCode, stdout, stderr.split('\n')[0]]).toEqual([2, '', problem]);
  expect(stderr).toContain(`Usage: ./chatbot ${argv[0]}`);
});

test('a missing database is reported and not created', async () => {
  const dir = temporaryFolder();
  const { exitCode, stderr } = await runOps(['outbox', 'list'], { dir });
  expect([exitCode, stderr]).toEqual([
    1,
    'There is no database at data/bot.db yet: the bot makes it when it starts. Start it: make up\n',
  ]);
  expect(() => readFileSync(join(dir, 'data/bot.db'))).toThrow('ENOENT');
});

test('reports a database that does not answer', async () => {
  const port = await freePort();
  const env = { DATABASE_URL: `mysql://bot:secret@127.0.0.1:${port}/bot` };
  const { exitCode, stderr } = await runOps(['outbox', 'list'], { dir: temporaryFolder(), env });
  const why = `connect ECONNREFUSED 127.0.0.1:${port}`;
  expect([exitCode, stderr]).toEqual([1, `The database does not answer: ${why}. The cause: make diagnose\n`]);
});

test('runs the command in the container of the bot with the compose profiles', async () => {
  const { dir, env, calls } = composeFolder('test "$2" = ps && echo 5f1c || { echo from the container; exit 1; }');
  const run = await runOps(['outbox', 'show', '3', '--text'], { dir, env });
  expect(run).toEqual({ exitCode: 1, stdout: 'from the container\n', stderr: '' });
  expect(calls()).toMatch(/\ncompose exec --no-TTY bot node dist\/ops\/main\.js outbox show 3 --text\n$/);
});

test('fails when the container does not run, without opening another database', async () => {
  const { dir, env } = composeFolder('exit 0');
  const { exitCode, stderr } = await runOps(['inbox', 'list'], { dir, env });
  expect([exitCode, stderr]).toEqual([
    1,
    'Only the container of the bot reaches the database, and it is not running. Start it: make up\n',
  ]);
});

test.each([
  ['echo "permission denied while trying to connect" >&2; exit 1', 'permission denied while trying to connect'],
  ['exit 3', '3'],
])('reports a Docker that does not answer, not a stopped container: %s', async (script, message) => {
  const { dir, env } = composeFolder(script);
  const { exitCode, stderr } = await runOps(['outbox', 'list'], { dir, env });
  const problem = `Only the container of the bot reaches the database, and Docker does not answer: ${message}`;
  expect([exitCode, stderr]).toEqual([1, `${problem}\nSee that it runs: docker info\n`]);
});

test('list suggests a limit that it accepts', async () => {
  const here = await createInstallation();
  try {
    const rows = Array.from({ length: 10_001 }, (_, i) => outboxRow({ id: i + 1, part: i, state: 'dead' }));
    await here.store.knex.batchInsert('outbox', rows, 500);
    const { stdout } = await here.ops('outbox', 'list', '--limit', '1');
    expect(stdout).toMatch(/\n10000 more: --limit 10000 shows as many as one call can\.\n$/);
    const most = await here.ops('outbox', 'list', '--limit', '10000');
    expect([most.exitCode, most.stdout.slice(-40)]).toEqual([
      0,
      expect.stringMatching(/\n1 more than one call can show\.\n$/),
    ]);
  } finally {
    await here.remove();
  }
});
