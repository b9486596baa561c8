// Defines the tests of `ops data`, to be run on SQLite and on MariaDB.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { encodePayload } from '../../../bot/domain/payload.ts';
import { settleConversations } from '../../../bot/tenants/conversation-tables.ts';
import { erase } from '../../../ops/data/erase.ts';
import { conversationRow, inboxRow, outboxRow, sessionRow } from '../../bot/store/rows.ts';
import { buildOps } from '../../support/built-ops.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { createInstallation, type Installation } from './installation.ts';

const ANN = { platform: 'dingtalk', user_id: '$:LWCP_v1:$ann' };
const ANN_ID = 'dingtalk:$:LWCP_v1:$ann';
const TABLES = ['inbox', 'outbox', 'session', 'conversation_log', 'conversation_log__own'];

interface Line {
  table: string;
  row: Record<string, unknown>;
}

export function describeData(name: string, start: () => Promise<string | undefined>): void {
  describe(name, () => {
    let here: Installation;
    const data = (...argv: string[]) => here.ops('data', ...argv);
    const lines = (text: string) => text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Line] : []));
    const counts = async () => {
      const all = TABLES.map(async (table) => [table, (await here.store.knex(table).select('*')).length]);
      return Object.fromEntries(await Promise.all(all));
    };

    beforeAll(async () => {
      await buildOps();
      here = await createInstallation(await start());
      await here.store.knex('tenant_config').insert({ tenant_id: 'own', isolation: 'dedicated' });
      await settleConversations(here.store, 'own', 'dedicated');
    });
    afterAll(() => here.remove());
    // Ann in a shared and in a dedicated tenant, Bob in the shared one, and another person with Ann's id on Feishu.
    beforeEach(async () => {
      const { knex } = here.store;
      for (const table of TABLES) await knex(table).delete();
      const message = { text: 'the question', target: { webhook: { url: 'https://secret' } } };
      for (const whose of [
        { ...ANN, tenant_id: 'default' },
        { ...ANN, tenant_id: 'own' },
        { platform: 'dingtalk', user_id: 'bob', tenant_id: 'default' },
        { platform: 'feishu', user_id: ANN.user_id, tenant_id: 'default' },
      ]) {
        await knex('inbox').insert([
          // The row of a bot of version 0.1, and one of this version.
          inboxRow({ ...whose, state: 'done', payload: JSON.stringify(message), finished_at: 5 }),
          inboxRow({ ...whose, payload: encodePayload(message) }),
        ]);
        await knex('outbox').insert(outboxRow({ ...whose, state: 'dead', content: 'the answer' }));
        await knex('session').insert(sessionRow({ ...whose, context: '[{"role":"user","content":"hi"}]' }));
        const table = whose.tenant_id === 'own' ? 'conversation_log__own' : 'conversation_log';
        await knex(table).insert(conversationRow({ ...whose, create_time: '2026-02-03 04:05:06' }));
      }
    });

    test.each(['export', 'delete'])(
      '%s rejects an id that is known in several tenants, and lists them',
      async (action) => {
        const before = await counts();
        for (const more of action === 'delete' ? [[], ['--yes']] : [[]]) {
          expect(await data(action, '--user', ANN_ID, ...more)).toEqual({
            exitCode: 1,
            stdout: '',
            stderr: `${ANN_ID} is known in several tenants, and may be another person in each. Add one of:\n  --tenant default\n  --tenant own\n`,
          });
        }
        await expect(counts()).resolves.toEqual(before);
      },
    );

    test.each(['inbox', 'outbox', 'session', 'conversation_log__own'])(
      'rejects an id whose second tenant has rows in %s only',
      async (only) => {
        for (const table of TABLES.filter((name) => name !== only)) {
          await here.store
            .knex(table)
            .where({ ...ANN, tenant_id: 'own' })
            .delete();
        }
        expect(await data('delete', '--user', ANN_ID)).toMatchObject({
          exitCode: 1,
          stderr: expect.stringContaining('--tenant own'),
        });
      },
    );

    test('uses the rows of the only tenant when the id is known in one', async () => {
      const { exitCode, stdout } = await data('delete', '--user', 'dingtalk:bob');
      expect([exitCode, stdout.split('\n')[0]]).toEqual([0, 'Rows of dingtalk:bob in the tenant default:']);
    });

    test('rejects a staff id in a tenant of two organisations, but accepts an open_id', async () => {
      const bind = (platform: string, organisation: string) =>
        here.store.knex('tenant_channel').insert({
          ...{ platform, app_id: 'app', external_id: organisation, tenant_id: 'default' },
        });
      try {
        for (const organisation of ['corp-a', 'corp-b']) {
          await bind('dingtalk', organisation);
          await bind('feishu', organisation);
        }
        expect(await data('delete', '--user', 'dingtalk:bob', '--yes')).toMatchObject({
          exitCode: 1,
          stderr: expect.stringMatching(
            /may be several people: .*corp-a, corp-b.*\nTo treat .* add: --tenant default\n$/,
          ),
        });
        expect(await data('delete', '--user', 'dingtalk:bob', '--tenant', 'default')).toMatchObject({
          exitCode: 0,
          stderr: expect.stringMatching(/^Warning: the tenant default serves several organisations \(corp-a, corp-b\)/),
        });
        expect(await data('delete', '--user', `feishu:${ANN.user_id}`)).toMatchObject({ exitCode: 0, stderr: '' });
      } finally {
        await here.store.knex('tenant_channel').delete();
      }
    });

    test('an id in the form of /whoami selects the tenant of its organisation', async () => {
      const bind = (organisation: string, tenant: string) =>
        here.store.knex('tenant_channel').insert({
          ...{ platform: 'dingtalk', app_id: 'app', external_id: organisation, tenant_id: tenant },
        });
      const idIn = (organisation: string) => `dingtalk:${organisation}/${ANN.user_id}`;
      try {
        for (const [organisation, tenant] of [
          ['corp-a', 'default'],
          ['corp-b', 'default'],
          ['corp-c', 'own'],
        ] as const)
          await bind(organisation, tenant);
        const { exitCode, stdout } = await data('export', '--user', idIn('corp-c'));
        expect([exitCode, new Set(lines(stdout).map(({ row }) => row.tenant_id))]).toEqual([0, new Set(['own'])]);
        for (const [user, message] of [
          [[idIn('corp-a')], /may be several people: .*corp-a, corp-b/],
          [[idIn('corp-x')], /^The organisation corp-x is bound to no tenant\. .* --tenant <id>\n$/],
          [[idIn('corp-c'), '--tenant', 'default'], /^The organisation corp-c is not bound to the tenant default\./],
        ] as const) {
          const failed = { exitCode: 1, stderr: expect.stringMatching(message) };
          expect(await data('delete', '--yes', '--user', ...user)).toMatchObject(failed);
        }
      } finally {
        await here.store.knex('tenant_channel').delete();
      }
    });

    test('rejects a person in a tenant that does not exist', async () => {
      expect(await data('export', '--user', ANN_ID, '--tenant', 'nobody')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^There is no tenant nobody\./),
      });
    });

    test('export of a person prints all their rows in the tenant, without the reply address', async () => {
      const { exitCode, stdout, stderr } = await data('export', '--user', ANN_ID, '--tenant', 'own');
      expect([exitCode, stderr]).toEqual([0, '']);
      const found = lines(stdout);
      expect(found.map(({ table }) => table)).toEqual([
        ...['conversation_log__own', 'session', 'inbox', 'inbox', 'outbox'],
      ]);
      const whose = found.map(({ row }) => `${row.platform}:${row.user_id} in ${row.tenant_id}`);
      expect(new Set(whose)).toEqual(new Set([`${ANN_ID} in own`]));
      expect(found[0]?.row).toMatchObject({ content: 'hi', create_time: '2026-02-03T04:05:06.000Z' });
      expect(found[1]?.row.context).toEqual([{ role: 'user', content: 'hi' }]);
      for (const { row } of found.slice(2, 4)) {
        expect(row).toMatchObject({ received_at: '1970-01-01T00:00:00.000Z' });
        expect(row.payload).toEqual({ text: 'the question' });
      }
      expect(stdout).not.toContain('https://secret');
    });

    test('export of a tenant prints its settings and all its rows', async () => {
      const { stdout } = await data('export', '--tenant', 'own');
      expect(lines(stdout).map(({ table }) => table)).toEqual([
        ...['tenant_config', 'conversation_log__own', 'session', 'inbox', 'inbox', 'outbox'],
      ]);
    });

    test('export of more than one page into a file with mode 600', async () => {
      const many = Array.from({ length: 1201 }, (_, i) => conversationRow({ ...ANN, content: String(i) }));
      for (let i = 0; i < many.length; i += 100)
        await here.store.knex('conversation_log').insert(many.slice(i, i + 100));
      const out = join(here.dir, 'ann.ndjson');
      const person = ['export', '--user', ANN_ID, '--tenant', 'default', '--out', out];
      expect(await data(...person)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
      const exported = lines(readFileSync(out, 'utf8')).filter(({ table }) => table === 'conversation_log');
      expect(exported.map(({ row }) => row.content)).toEqual(['hi', ...many.map(({ content }) => content)]);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      expect(await data(...person)).toMatchObject({
        exitCode: 1,
        stderr: `${out} exists already: choose another name.\n`,
      });
    });

    test('removes the file when the export fails', async () => {
      const out = join(here.dir, 'nobody.ndjson');
      const { exitCode, stderr } = await data('export', '--tenant', 'nobody', '--out', out);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^There is no tenant nobody\./)]);
      expect(() => statSync(out)).toThrow('ENOENT');
    });

    test('delete without --yes counts the rows and deletes nothing', async () => {
      const before = await counts();
      const { exitCode, stdout } = await data('delete', '--user', ANN_ID, '--tenant', 'default');
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^Rows of .* in the tenant default:\n {2}inbox +2\n {2}outbox +1\n {2}session +1\n/);
      expect(stdout).toMatch(/\n {2}conversation_log +1\n/);
      expect(stdout).toMatch(/Nothing was deleted\. Add --yes to delete these rows\.\n$/);
      await expect(counts()).resolves.toEqual(before);
    });

    test('delete of a person keeps their message ids only, and all rows of others', async () => {
      const person = ['--user', ANN_ID, '--tenant', 'own'];
      const { exitCode, stdout, stderr } = await data('delete', ...person, '--yes', '--json');
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toEqual({
        deleted: true,
        rows: { inbox: 2, outbox: 1, session: 1, conversation_log: 0, conversation_log__own: 1 },
      });
      await expect(counts()).resolves.toEqual({
        ...{ inbox: 8, outbox: 3, session: 3, conversation_log: 3, conversation_log__own: 0 },
      });
      const emptied = await here.store.knex('inbox').where('user_id', '').select('state', 'payload', 'finished_at');
      expect(emptied.map((row) => [row.state, row.payload, Number(row.finished_at) > 0])).toEqual(
        Array(2).fill(['done', '{}', true]),
      );
      expect((await data('export', ...person)).stdout).toBe('');
      expect(JSON.parse((await data('delete', ...person, '--yes', '--json')).stdout).rows).toEqual({
        ...{ inbox: 0, outbox: 0, session: 0, conversation_log: 0, conversation_log__own: 0 },
      });
    });

    test('delete of a tenant deletes its rows and keeps the tenant', async () => {
      await data('delete', '--tenant', 'default', '--yes');
      await expect(counts()).resolves.toEqual({
        ...{ inbox: 8, outbox: 1, session: 1, conversation_log: 0, conversation_log__own: 1 },
      });
      await expect(here.store.knex('tenant_config').pluck('tenant_id')).resolves.toEqual(['default', 'own']);
    });

    test('waits for a message in progress and deletes the rows written meanwhile', async () => {
      const { knex } = here.store;
      const leased = { ...ANN, lease_owner: 'bot', lease_until: Date.now() + 10 * PATIENCE_MS };
      await knex('inbox').insert(inboxRow({ ...leased, state: 'working', message_id: 'leased' }));
      const waits: number[] = [];
      const subject = { platform: 'dingtalk', userId: ANN.user_id } as const;
      const counted = await erase(here.store, {
        subject,
        timeoutMs: PATIENCE_MS,
        onWait: (rows) => {
          waits.push(rows);
          void knex('conversation_log')
            .insert(conversationRow({ ...ANN, content: 'the late answer' }))
            .then(() =>
              knex('inbox')
                .where('message_id', 'leased')
                .update({ state: 'done', payload: '{}', lease_owner: null, lease_until: null }),
            );
        },
      });
      expect(waits).toEqual([1]);
      expect(counted).toMatchObject({ inbox: 5, conversation_log: 2 });
    });

    test.each([
      ['inbox', 'working'],
      ['outbox', 'sending'],
    ] as const)(
      'reports a row in the %s that stays in progress, and deletes it after its lease',
      async (table, state) => {
        const row = table === 'inbox' ? inboxRow : outboxRow;
        const leased = { ...ANN, state, lease_owner: 'bot', lease_until: Date.now() + 10 * PATIENCE_MS };
        await here.store.knex(table).insert(row(leased));
        const subject = { platform: 'dingtalk', userId: ANN.user_id } as const;
        const options = { subject, timeoutMs: 0, onWait: () => {} };
        await expect(erase(here.store, options)).rejects.toThrow(/^Rows of .* still in progress: 1\. /);
        await here.store
          .knex(table)
          .where({ state })
          .update({ lease_until: Date.now() - 1 });
        await expect(erase(here.store, options)).resolves.toMatchObject({ [table]: 1 });
      },
    );
  });
}
