// Defines the tests of `ops outbox` and `ops inbox`, to be run on SQLite and on MariaDB.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodePayload } from '../../../bot/domain/payload.ts';
import { DUE_NOW, RELEASED } from '../../../bot/store/lease-times.ts';
import { inboxRow, outboxRow } from '../../bot/store/rows.ts';
import { buildOps } from '../../support/built-ops.ts';
import { createInstallation, type Installation } from '../data/installation.ts';

const FRESH_MS = 55 * 60_000;
const RAW_CHAT = 'feishu-chat-key';

export function describeOutbox(name: string, start: () => Promise<string | undefined>): void {
  describe(name, () => {
    let here: Installation;
    const ops = (...argv: string[]) => here.ops(...argv);
    const parts = () => here.store.knex('outbox').orderBy('id').pluck('state');
    const old = Date.now() - 7_300_000;

    beforeAll(async () => {
      await buildOps();
      here = await createInstallation(await start());
    });
    afterAll(() => here.remove());
    beforeEach(async () => {
      const { knex } = here.store;
      await Promise.all([knex('outbox').delete(), knex('inbox').delete()]);
      const states = ['pending', 'sent', 'dead', 'unknown', 'dropped'];
      const common = { created_at: old, chat_key: RAW_CHAT, content: 'the reply text', attempts: 7, finished_at: old };
      const rejection = { last_class: 'permission', last_code: '230002' };
      await knex('outbox').insert(
        states.map((state, i) => outboxRow({ id: i + 1, part: i, state, ...common, ...rejection })),
      );
      const message = { text: 'the question', chatId: 'oc_raw' };
      const payload = encodePayload(message);
      const rows = [
        { state: 'done', payload: JSON.stringify(message) }, // as version 0.1 stored it
        { state: 'dead', payload },
        { state: 'working', payload },
      ];
      await knex('inbox').insert(rows.map((row, i) => inboxRow({ id: i + 1, received_at: old, ...row })));
    });

    test('list shows dead and unknown parts, oldest first, without chat ids and texts', async () => {
      const { exitCode, stdout, stderr } = await ops('outbox', 'list');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(
        /^ +id +state +platform +tenant +age +attempts +class +code +chat +trace\n +3 +dead +feishu/,
      );
      expect(stdout).toMatch(/3 +dead +feishu +default +2h +7 +permission +230002 +[0-9a-f]{16} +t\n +4 +unknown /);
      expect(stdout.trimEnd().split('\n')).toHaveLength(3);
      expect(stdout).not.toMatch(/reply|feishu-chat-key/);
    });

    test('list accepts states, a platform and a limit, also with --json', async () => {
      const { stdout } = await ops('outbox', 'list', '--state', 'sent,dropped', '--json');
      expect(JSON.parse(stdout)).toEqual([
        expect.objectContaining({ id: 2, state: 'sent', class: 'permission', code: '230002', attempts: 7 }),
        expect.objectContaining({ id: 5, state: 'dropped' }),
      ]);
      expect((await ops('outbox', 'list', '--platform', 'dingtalk')).stdout).toBe('No part is dead or unknown.\n');
      expect((await ops('outbox', 'list', '--limit', '1')).stdout).toMatch(
        /dead[\s\S]*\n\n1 more: --limit 2 shows them\.\n$/,
      );
    });

    test('show prints all facts and the meaning of the code; the text only with --text', async () => {
      const { stdout } = await ops('outbox', 'show', '3');
      expect(stdout).toMatch(/ state +dead\n/);
      expect(stdout).toMatch(/ hint +\S+ \S+/);
      expect(stdout).toMatch(/ finishedAt +\d{4}-\d\d-\d\dT/);
      expect(stdout).not.toContain('the reply text');
      const { stdout: json } = await ops('outbox', 'show', '3', '--text', '--json');
      expect(JSON.parse(json)).toMatchObject({ id: 3, text: 'the reply text', app: 'cli_a' });
      for (const id of ['1', '2']) {
        expect((await ops('inbox', 'show', id, '--text')).stdout).toMatch(/ text +the question\n/);
      }
    });

    test('retry resets a dead part; a second retry changes nothing', async () => {
      const before = Date.now();
      expect(await ops('outbox', 'retry', '3')).toEqual({
        exitCode: 0,
        stdout: '1 part will be retried.\n',
        stderr: '',
      });
      const row = await here.store.knex('outbox').where('id', 3).first();
      expect(row).toMatchObject({ state: 'pending', attempts: 0, finished_at: null, content: 'the reply text' });
      expect(row).toMatchObject({ last_class: null, last_code: null });
      expect(Number(row.available_at)).toBe(DUE_NOW);
      expect(Number(row.expires_at)).toBeGreaterThanOrEqual(before + FRESH_MS);
      expect(Number(row.expires_at)).toBeLessThanOrEqual(Date.now() + FRESH_MS);
      expect(await ops('outbox', 'retry', '3')).toEqual({
        exitCode: 0,
        stdout: '0 parts will be retried.\n',
        stderr: 'The part 3 is pending already.\n',
      });
    });

    test('retry --all warns of parts that may be sent twice; --state and --platform filter', async () => {
      expect((await ops('outbox', 'retry', '--all', '--platform', 'dingtalk')).stdout).toMatch(/^0 parts/);
      expect((await ops('outbox', 'retry', '--all', '--state', 'dead')).stderr).toBe('');
      await expect(parts()).resolves.toEqual(['pending', 'sent', 'pending', 'unknown', 'dropped']);
      const { exitCode, stdout, stderr } = await ops('outbox', 'retry', '--all');
      expect([exitCode, stdout]).toEqual([0, '1 part will be retried.\n']);
      expect(stderr).toMatch(/^Warning: 1 part may have been delivered already and may be sent twice\.\n$/);
    });

    test('drop erases the text of the dropped parts', async () => {
      expect((await ops('outbox', 'drop', '3', '4')).stdout).toBe('2 parts dropped.\n');
      await expect(
        here.store.knex('outbox').whereIn('id', [3, 4]).select('state', 'content', 'target'),
      ).resolves.toEqual([3, 4].map(() => ({ state: 'dropped', content: '', target: '{}' })));
      const row = await here.store.knex('outbox').where('id', 3).first();
      expect(Number(row.finished_at)).toBeGreaterThan(old);
      expect((await ops('outbox', 'drop', '3')).exitCode).toBe(0);
    });

    test.each([
      [['outbox', 'show', '99'], 'There is no part 99.\n'],
      [['outbox', 'retry', '99'], 'There is no part 99.\n'],
      [['outbox', 'retry', '2'], 'The part 2 is sent: only dead and unknown ones can be changed.\n'],
      [['outbox', 'retry', '5'], 'The part 5 is dropped: only dead and unknown ones can be changed.\n'],
      [['outbox', 'drop', '1'], 'The part 1 is pending: only dead and unknown ones can be changed.\n'],
      [['inbox', 'drop', '3'], 'The message 3 is working: only dead ones can be changed.\n'],
    ])('%j reports the problem and ends with 1', async (argv, stderr) => {
      const before = await parts();
      expect(await ops(...argv)).toMatchObject({ exitCode: 1, stderr });
      await expect(parts()).resolves.toEqual(before);
    });

    test('one unknown id does not prevent the change of the others', async () => {
      expect(await ops('outbox', 'retry', '3', '99')).toEqual({
        exitCode: 1,
        stdout: '1 part will be retried.\n',
        stderr: 'There is no part 99.\n',
      });
    });

    test('inbox: list, retry and drop', async () => {
      expect((await ops('inbox', 'list')).stdout).toMatch(/\n +2 +dead +feishu +default +2h +0 +[0-9a-f]{16} +t\n$/);
      expect((await ops('inbox', 'retry', '--all')).stdout).toBe('1 message will be retried.\n');
      await expect(here.store.knex('inbox').orderBy('id').pluck('state')).resolves.toEqual([
        'done',
        'pending',
        'working',
      ]);
      // `RELEASED` marks a message that the rate limits have counted already.
      const [dueAt] = await here.store.knex('inbox').where('id', 2).pluck('available_at');
      expect(Number(dueAt)).toBe(RELEASED);
      expect((await ops('inbox', 'show', '2')).stdout).not.toContain('1970');
      await here.store.knex('inbox').where('id', 2).update({ state: 'dead' });
      expect((await ops('inbox', 'drop', '2')).stdout).toBe('1 message dropped.\n');
      await expect(here.store.knex('inbox').where('id', 2).first('state', 'payload')).resolves.toEqual({
        state: 'done',
        payload: '{}',
      });
    });
  });
}
