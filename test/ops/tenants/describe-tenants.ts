// Defines the tests of `ops tenants`, to be run on SQLite and on MariaDB.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { conversationTables } from '../../../bot/tenants/conversation-tables.ts';
import { conversationRow, inboxRow, outboxRow, sessionRow } from '../../bot/store/rows.ts';
import { buildOps } from '../../support/built-ops.ts';
import { createInstallation, type Installation } from '../data/installation.ts';

const ROWS = { inbox: 2, outbox: 1, session: 1, conversation_log: 0, conversation_log__acme: 1 };

export function describeTenants(name: string, start: () => Promise<string | undefined>): void {
  describe(name, () => {
    let here: Installation;
    const tenants = (...argv: string[]) => here.ops('tenants', ...argv);
    const saved = async (tenant: string) => {
      const all = JSON.parse((await tenants('list', '--json')).stdout) as { tenant: string }[];
      return all.find((one) => one.tenant === tenant);
    };

    beforeAll(async () => {
      await buildOps();
      here = await createInstallation(await start());
    });
    afterAll(() => here.remove());
    beforeEach(async () => {
      const { knex } = here.store;
      for (const table of ['inbox', 'outbox', 'session', 'conversation_log', 'tenant_channel'])
        await knex(table).delete();
      for (const table of (await conversationTables(here.store)).slice(1)) await knex.schema.dropTable(table);
      await knex('tenant_config').whereNot('tenant_id', 'default').delete();
    });

    test('add with all options creates a tenant that list shows', async () => {
      const bindings = ['--bind', 'feishu:cli_a:key:1', '--bind', 'dingtalk:ding1:corp'];
      const model = ['--model-endpoint', 'https://model.acme.com/v1', '--model-name', 'qwen'];
      const own = ['--rate-limit', '7', '--isolation', 'dedicated'];
      expect(await tenants('add', 'acme-1', ...bindings, ...model, ...own)).toEqual({
        ...{ exitCode: 0, stdout: 'The tenant acme-1 was added.\n', stderr: '' },
      });
      await expect(saved('acme-1')).resolves.toEqual({
        tenant: 'acme-1',
        rateLimit: 7,
        isolation: 'dedicated',
        modelEndpoint: 'https://model.acme.com/v1',
        modelName: 'qwen',
        bindings: ['dingtalk:ding1:corp', 'feishu:cli_a:key:1'],
      });
      await expect(conversationTables(here.store)).resolves.toEqual(['conversation_log', 'conversation_log__acme-1']);
      const { stdout } = await tenants('list');
      expect(stdout).toMatch(/^ +tenant +messages\/min +isolation +model endpoint +model +bound to\n/);
      expect(stdout).toMatch(/\n +default +100 +shared +- +- +-\n$/);
    });

    test('add rejects an existing tenant or binding and changes nothing', async () => {
      await tenants('add', 'acme', '--bind', 'feishu:cli_a:key');
      const again = await tenants('add', 'acme', '--rate-limit', '5');
      expect([again.exitCode, again.stderr]).toEqual([1, expect.stringMatching(/^The tenant acme already exists\. /)]);
      expect(await tenants('add', 'other', '--bind', 'feishu:cli_b:key', '--bind', 'feishu:cli_a:key')).toMatchObject({
        exitCode: 1,
        stderr: 'feishu:cli_a:key is bound to another tenant, acme. Unbind it there first.\n',
      });
      await expect(saved('other')).resolves.toBeUndefined();
      await expect(here.store.knex('tenant_channel').pluck('app_id')).resolves.toEqual(['cli_a']);
    });

    test('set changes the given options and the bindings; a second run changes nothing', async () => {
      await tenants('add', 'acme', '--bind', 'feishu:cli_a:key', '--model-name', 'qwen', '--rate-limit', '3');
      for (const stderr of ['', 'feishu:cli_a:key was not bound to acme.\n']) {
        const options = ['--unbind', 'feishu:cli_a:key', '--bind', 'feishu:cli_a:new', '--model-name', ''];
        expect(await tenants('set', 'acme', ...options)).toMatchObject({ exitCode: 0, stderr });
      }
      await expect(saved('acme')).resolves.toMatchObject({
        ...{ rateLimit: 3, modelName: null, bindings: ['feishu:cli_a:new'] },
      });
    });

    test('a change of isolation moves the conversations, and back', async () => {
      await tenants('add', 'acme');
      const { knex } = here.store;
      await knex('conversation_log').insert([conversationRow({ tenant_id: 'acme' }), conversationRow()]);
      expect((await tenants('set', 'acme', '--isolation', 'dedicated')).stdout).toMatch(
        /^Conversation rows moved: 1\n/,
      );
      await expect(knex('conversation_log__acme').pluck('tenant_id')).resolves.toEqual(['acme']);
      await expect(knex('conversation_log').pluck('tenant_id')).resolves.toEqual(['default']);
      expect((await tenants('set', 'acme', '--isolation', 'shared')).stdout).toMatch(/^Conversation rows moved: 1\n/);
      await expect(knex('conversation_log').orderBy('id').pluck('tenant_id')).resolves.toEqual(['default', 'acme']);
      await expect(conversationTables(here.store)).resolves.toEqual(['conversation_log']);
    });

    test('remove rejects a tenant with bindings, only counts without --yes, then deletes all rows', async () => {
      await tenants('add', 'acme', '--isolation', 'dedicated', '--bind', 'feishu:cli_a:key');
      const { knex } = here.store;
      const whose = { tenant_id: 'acme' };
      await knex('inbox').insert([inboxRow(whose), inboxRow({ ...whose, state: 'dead' }), inboxRow()]);
      await knex('outbox').insert([outboxRow(whose), outboxRow()]);
      await knex('session').insert([sessionRow(whose), sessionRow()]);
      await knex('conversation_log__acme').insert(conversationRow(whose));
      const bound = await tenants('remove', 'acme', '--yes');
      expect([bound.exitCode, bound.stderr]).toEqual([
        1,
        expect.stringMatching(/^acme is bound to feishu:cli_a:key: unbind /),
      ]);
      const counted = await tenants('remove', 'acme', '--force', '--json');
      expect([counted.exitCode, JSON.parse(counted.stdout)]).toEqual([0, { deleted: false, rows: ROWS }]);
      const removed = await tenants('remove', 'acme', '--force', '--yes', '--json');
      expect([removed.exitCode, JSON.parse(removed.stdout)]).toEqual([0, { deleted: true, rows: ROWS }]);
      for (const table of ['inbox', 'outbox', 'session', 'tenant_config']) {
        await expect(knex(table).pluck('tenant_id')).resolves.toEqual(['default']);
      }
      await expect(knex('tenant_channel').select('*')).resolves.toEqual([]);
      await expect(conversationTables(here.store)).resolves.toEqual(['conversation_log']);
    });

    test.each([
      [['set', 'nobody', '--rate-limit', '1'], /^There is no tenant nobody\. /],
      [['remove', 'nobody'], /^There is no tenant nobody\. /],
      [['export', 'nobody'], /^There is no tenant nobody\. /],
      [['remove', 'default', '--yes'], /^The tenant default is created at every start\. /],
    ])('%j ends with 1', async (argv, stderr) => {
      expect(await tenants(...argv)).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(stderr) });
    });

    test('export prints the data of the tenant', async () => {
      const { exitCode, stdout } = await tenants('export', 'default');
      expect([exitCode, JSON.parse(stdout)]).toEqual([
        0,
        { table: 'tenant_config', row: expect.objectContaining({ tenant_id: 'default', rate_limit: 100 }) },
      ]);
    });
  });
}
