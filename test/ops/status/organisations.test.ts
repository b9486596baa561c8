// Shows organisations for `make status`, with the commands to bind them.
import { expect, test } from '@jest/globals';
import { bindCommand, unbindCommand } from '../../../ops/installation/bind-command.ts';
import { organisationRows } from '../../../ops/status/organisations.ts';
import { runMarked } from '../../support/spawn-marked.ts';

const own = { platform: 'dingtalk', appId: 'dingapp', organisation: 'dingcorp' };
const lastAt = '2026-11-22T09:00:00.000Z';

test('shows bound organisations with their tenant, and ignored ones with the command that binds them', () => {
  const other = { ...own, organisation: 'dingother' };
  const rows = organisationRows({
    bound: [{ ...own, tenantId: 'default' }],
    unknown: [{ ...other, ignored: 20, lastAt }],
  });
  expect(rows).toEqual([
    ['dingtalk', 'dingapp', 'dingcorp', 'tenant default'],
    [
      'dingtalk',
      'dingapp',
      'dingother',
      'NOT bound: 20 messages ignored, the last at 2026-11-22T09:00:00Z; ' +
        './chatbot tenants set default --bind dingtalk:dingapp:dingother',
    ],
  ]);
});

test('does not list a bound organisation as ignored', () => {
  const facts = { bound: [{ ...own, tenantId: 'acme' }], unknown: [{ ...own, ignored: 1, lastAt }] };
  expect(organisationRows(facts)).toEqual([['dingtalk', 'dingapp', 'dingcorp', 'tenant acme']]);
});

test('lists ignored organisations even if the database cannot be read', () => {
  expect(organisationRows({ bound: null, unknown: [{ ...own, ignored: 1, lastAt }] })).toHaveLength(1);
});

test.each(['$(touch x)', "a'b; rm -rf /", '`id`', 'a b', '$HOME', '"', '\\', '&', '*'])(
  'quotes the organisation %j as one argument for the shell',
  async (organisation) => {
    for (const command of [bindCommand({ ...own, organisation }), unbindCommand('default', { ...own, organisation })]) {
      const { stdout } = await runMarked('sh', ['-c', `printf '%s\\n' ${command}`]);
      const args = stdout.trimEnd().split('\n');
      expect(args.at(-1)).toBe(`dingtalk:dingapp:${organisation}`);
    }
  },
);
