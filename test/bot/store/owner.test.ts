// Bots and commands as processes on one SQLite file: one owner, damaged and impossible files, read-only commands.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore } from '../../../bot/store/open-store.ts';
import { lockForBot } from '../../../bot/store/sqlite/owner-lock.ts';
import { migrations } from '../../../sql/migrations.ts';
import { type BotProcess, startBotProcess } from '../../support/bot-process.ts';
import { buildOps, runOps } from '../../support/built-ops.ts';
import { freePort } from '../../support/free-port.ts';
import { spawnMarkedSync } from '../../support/spawn-marked.ts';
import { waitUntil } from '../../support/wait-until.ts';

let dir: string;
const started: BotProcess[] = [];

beforeAll(() => buildOps());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-owner-'));
});
afterEach(async () => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

async function start(databaseUrl = `sqlite:${dir}/bot.db`) {
  const [port, admin] = [await freePort(), await freePort()];
  const env = { HOST: '127.0.0.1', PORT: `${port}`, ADMIN_PORT: `${admin}`, DATABASE_URL: databaseUrl };
  const bot = startBotProcess(dir, env);
  started.push(bot);
  return { bot, adminUrl: `http://127.0.0.1:${admin}` };
}

const exitOf = ({ child }: BotProcess) => waitUntil('the process ends', () => child.exitCode ?? undefined);

const ready = (adminUrl: string) =>
  waitUntil('the bot is ready', () =>
    fetch(`${adminUrl}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );

test('rejects a second bot on the file and names the first one; a killed bot leaves the file free', async () => {
  const first = await start();
  await ready(first.adminUrl);
  const second = await start();
  expect(await exitOf(second.bot)).toBe(1);
  const { pid } = first.bot.child;
  expect(second.bot.stderr()).toMatch(
    new RegExp(`bot\\.db belongs to another bot: pid ${pid} on host ${hostname()} since 20\\S+Z\\. Only one bot`),
  );
  expect((await fetch(`${first.adminUrl}/readyz`)).status).toBe(200);
  await first.bot.end('SIGKILL');
  const third = await start();
  await ready(third.adminUrl);
  expect((await third.bot.end('SIGTERM')).code).toBe(0);
  await ready((await start()).adminUrl);
});

test('locks the file although the owner file cannot be written', async () => {
  await mkdir(`${dir}/bot.db.bot-owner`);
  const lock = await lockForBot(`${dir}/bot.db`);
  await expect(lockForBot(`${dir}/bot.db`)).rejects.toThrow('the owner is not recorded yet');
  lock.release();
});

test('names a lock that cannot be opened, and the fix', async () => {
  await mkdir(`${dir}/bot.db.bot-lock`);
  await expect(lockForBot(`${dir}/bot.db`)).rejects.toThrow(/bot\.db\.bot-lock cannot be opened .* ls -ld /);
});

test('reports not ready while the file rejects writes, and ready afterwards', async () => {
  const { adminUrl, bot } = await start();
  await ready(adminUrl);
  const other = new Database(`${dir}/bot.db`);
  other.exec('begin immediate');
  const readiness = async () => (await fetch(`${adminUrl}/readyz`)).json() as Promise<{ status: string }>;
  const notReady = await waitUntil('it is not ready', async () => {
    const now = await readiness();
    return now.status === 'not_ready' ? now : undefined;
  });
  expect(notReady).toMatchObject({
    conditions: expect.arrayContaining([
      { id: 'database', level: 'required', ok: false, detail: expect.stringMatching(/^sqlite: /) },
    ]),
  });
  other.exec('rollback');
  other.close();
  await ready(adminUrl);
  await bot.end('SIGTERM');
});

/** Unusable files. Each case creates one, and resolves with its URL and the expected message. */
const UNUSABLE: [string, () => Promise<[url: string, message: RegExp]>][] = [
  [
    'a file that is not a database',
    async () => {
      await writeFile(join(dir, 'bot.db'), 'this is no database '.repeat(300));
      return [
        `sqlite:${dir}/bot.db`,
        /bot\.db is damaged or not an SQLite database \(SQLITE_NOTADB\)\. Stop the bot, move/,
      ];
    },
  ],
  [
    'damaged pages',
    async () => {
      // Created by another process: libsql closes a file at a later garbage collection, and then repairs the pages.
      const { bot, adminUrl } = await start();
      await ready(adminUrl);
      await bot.end('SIGKILL');
      const bytes = await readFile(join(dir, 'bot.db'));
      bytes.fill(0xaa, 100, 4000);
      await writeFile(join(dir, 'bot.db'), bytes);
      await Promise.all(['-wal', '-shm'].map((end) => rm(join(dir, `bot.db${end}`), { force: true })));
      return [`sqlite:${dir}/bot.db`, /bot\.db is damaged or not an SQLite database \(SQLITE_(CORRUPT|NOTADB)\)/];
    },
  ],
  [
    'a device',
    async () => ['sqlite:/dev/null', /\/dev\/null is a pipe or device, not a file \(EINVAL\)\. Name a file/],
  ],
  [
    'a pipe',
    async () => {
      spawnMarkedSync('mkfifo', [join(dir, 'bot.db')]);
      return [`sqlite:${dir}/bot.db`, /bot\.db is a pipe or device, not a file \(EINVAL\)/];
    },
  ],
  [
    'a folder',
    async () => {
      await mkdir(join(dir, 'bot.db'));
      return [`sqlite:${dir}/bot.db`, /bot\.db is a folder \(EISDIR\)\. Name a file in DATABASE_URL/];
    },
  ],
];

/** Paths that cannot be created. A bot tries to create them; a command finds no file. */
const IMPOSSIBLE: [string, () => Promise<[url: string, message: RegExp]>][] = [
  [
    'below /proc',
    async () => [
      'sqlite:/proc/nope/x.db',
      /\/proc\/nope\/x\.db cannot be created: .* \(ENOENT\)\. Correct DATABASE_URL/,
    ],
  ],
  [
    'below a file',
    async () => {
      await writeFile(join(dir, 'file'), '');
      return [`sqlite:${dir}/file/x.db`, /file\/x\.db cannot be created: .* \((ENOTDIR|EEXIST)\)/];
    },
  ],
];

describe.each([...UNUSABLE, ...IMPOSSIBLE])('a bot on %s', (_name, make) => {
  test('exits and names the file and the fix', async () => {
    const [url, message] = await make();
    const { bot } = await start(url);
    expect(await exitOf(bot)).toBe(1);
    expect(bot.stderr()).toMatch(message);
  });
});

describe.each(UNUSABLE)('a command on %s', (_name, make) => {
  test.each([['outbox list'], ['outbox drop --all'], ['tenants list'], ['data export --tenant default']])(
    '%s',
    async (command) => {
      const [url, message] = await make();
      const { exitCode, stderr } = await runOps(command.split(' '), { dir, env: { DATABASE_URL: url } });
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    },
  );
});

const READ_ONLY_COMMANDS = [
  'outbox list',
  'outbox show 1',
  'inbox list',
  'inbox show 1',
  'tenants list',
  'tenants remove side',
  'data export --tenant default',
  'data delete --tenant default',
];

describe('read-only commands', () => {
  const run = (command: string) => runOps(command.split(' '), { dir, env: { DATABASE_URL: `sqlite:${dir}/bot.db` } });
  const digest = async () =>
    createHash('sha256')
      .update(await readFile(join(dir, 'bot.db')))
      .digest('hex');

  beforeEach(async () => {
    const store = openStore(`sqlite:${dir}/bot.db`);
    await migrate(store);
    await store.knex('tenant_config').insert([{ tenant_id: 'default' }, { tenant_id: 'side' }]);
    await store.close();
  });

  test('change no byte, and are not blocked by a writer', async () => {
    const writer = new Database(`${dir}/bot.db`);
    writer.exec('begin immediate');
    const [before, files] = [await digest(), await readdir(dir)];
    for (const command of READ_ONLY_COMMANDS) {
      const { exitCode, stderr } = await run(command);
      expect([command, exitCode, stderr]).toEqual([
        command,
        command.includes('show') ? 1 : 0,
        command.includes('show') ? expect.stringMatching(/^There is no (part|message) 1\.\n$/) : '',
      ]);
    }
    writer.exec('rollback');
    expect([await digest(), await readdir(dir)]).toEqual([before, files]);
    writer.close();
  });

  test.each([
    [
      'older',
      (names: string[]) => `delete from schema_migration where name = '${names.at(-1)}'`,
      /older version \(0004/,
    ],
    ['newer', () => "insert into schema_migration (name) values ('0099-later')", /newer version \(0099-later\)/],
  ])('and writing commands reject an %s schema, and leave it unchanged', async (_which, change, message) => {
    const writer = new Database(`${dir}/bot.db`);
    writer.exec(change(migrations.map(({ name }) => name)));
    const before = writer.prepare('select name from schema_migration order by id').all();
    for (const command of ['outbox list', 'outbox drop --all', 'tenants list', 'tenants set default --rate-limit 1']) {
      const { exitCode, stderr } = await run(command);
      expect([command, exitCode, stderr]).toEqual([command, 1, expect.stringMatching(message)]);
    }
    expect(writer.prepare('select name from schema_migration order by id').all()).toEqual(before);
    writer.close();
  });
});
