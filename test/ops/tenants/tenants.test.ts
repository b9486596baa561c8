// Tests `ops tenants` on SQLite, and wrong usage.
import { expect, test } from '@jest/globals';
import { UsageError } from '../../../ops/command.ts';
import { parseTenantArgs } from '../../../ops/tenants/parse-args.ts';
import { runOps } from '../../support/built-ops.ts';
import { temporaryFolder } from '../process/stand-in.ts';
import { describeTenants } from './describe-tenants.ts';

describeTenants('SQLite', async () => undefined);

const BINDING = 'is not a binding: feishu:<app id>:<tenant key> or dingtalk:<app key>:<corp id>.';
const ENDPOINT = '--model-endpoint is not an http(s) address of at most 128 characters without a password.';

test.each([
  [[], 'Missing action: list, add, set, remove or export.'],
  [['drop', 'acme'], 'Unknown action: drop'],
  [['constructor'], 'Unknown action: constructor'],
  [['add'], 'Missing tenant id, such as: add acme'],
  [['set', 'acme'], 'Nothing to change: give at least one option.'],
  [['list', 'acme'], 'Too many arguments: acme'],
  [['add', 'acme', 'other'], 'Too many arguments: acme other'],
  ...['Acme', '-a', 'a`b', 'a b', 'a'.repeat(33)].map((id): [string[], string] => [
    ['add', '--', id],
    `${id} cannot be an id: 1 to 32 of a-z, 0-9, _ and -, the first a letter or a digit.`,
  ]),
  [['add', 'a', '--unbind', 'feishu:a:b'], '--unbind cannot be used with add.'],
  [['list', '--yes'], '--yes cannot be used with list.'],
  [
    ['set', 'a', '--rate-limit', '1.5'],
    '--rate-limit 1.5 is not a number of messages a minute from 0 (no limit) to 1000000.',
  ],
  [['set', 'a', '--model-endpoint', 'model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', 'ftp://model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', 'https://me:key@model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', `https://${'m'.repeat(121)}`], ENDPOINT],
  [['set', 'a', '--model-name', 'm'.repeat(65)], '--model-name is longer than 64 characters.'],
  [['set', 'a', '--model-name', 'm\n'], '--model-name "m " contains a control character. Type it again.'],
  [
    ['set', 'a', '--bind', 'feishu:a:b\u001b[2J'],
    '--bind "feishu:a:b [2J" contains a control character. Type it again.',
  ],
  [['set', 'a', '--isolation', 'own'], '--isolation own is not one of shared, dedicated.'],
  ...['feishu', 'feishu:a', 'feishu::b', 'slack:a:b', `feishu:${'a'.repeat(65)}:b`].map((given): [string[], string] => [
    ['set', 'a', '--bind', given],
    `${given} ${BINDING}`,
  ]),
])('%j is wrong usage', (argv, problem) => {
  expect(() => parseTenantArgs(argv)).toThrow(new UsageError(problem));
});

test.each<[string[], object]>([
  [['--bind', ' feishu:cli_a:key\u200b '], { bind: [{ platform: 'feishu', app_id: 'cli_a', external_id: 'key' }] }],
  [['--bind', '“dingtalk：ding1：corp”'], { bind: [{ platform: 'dingtalk', app_id: 'ding1', external_id: 'corp' }] }],
  [['--model-name', 'qwen\ufeff '], { columns: { model_name: 'qwen' } }],
  [['--model-endpoint', 'https://a.example/v1，'], { columns: { model_endpoint: 'https://a.example/v1' } }],
  [
    ['--model-endpoint', '\u200bhttps://a.example/v1/chat/completions。'],
    { columns: { model_endpoint: 'https://a.example/v1' } },
  ],
])('removes invisible characters and converts full-width ones of pasted values: %j', (argv, change) => {
  expect(parseTenantArgs(['set', 'a', ...argv]).change).toMatchObject(change);
});

test('wrong usage prints the problem and the usage, and changes nothing', async () => {
  const { exitCode, stdout, stderr } = await runOps(['tenants', 'add'], { dir: temporaryFolder() });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Missing tenant id, such as: add acme\n\nUsage: \.\/chatbot tenants /);
});
