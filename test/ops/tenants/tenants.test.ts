// Tenants on SQLite, and wrong words.
import { expect, test } from '@jest/globals';
import { UsageError } from '../../../ops/command.ts';
import { readWords } from '../../../ops/tenants/parse-args.ts';
import { runOps } from '../../support/built-ops.ts';
import { temporaryFolder } from '../process/stand-in.ts';
import { describeTenants } from './describe-tenants.ts';

describeTenants('SQLite', async () => undefined);

const BINDING = 'is not a binding: feishu:<app id>:<tenant key> or dingtalk:<app key>:<corp id>.';
const ENDPOINT = '--model-endpoint is not an http(s) address of at most 128 characters without a password.';

test.each([
  [[], 'Say list, add, set, remove or export.'],
  [['drop', 'acme'], 'Unknown action: drop'],
  [['constructor'], 'Unknown action: constructor'],
  [['add'], 'Say which tenant: add acme'],
  [['set', 'acme'], 'Say what to change.'],
  [['list', 'acme'], 'Too many words: acme'],
  [['add', 'acme', 'other'], 'Too many words: acme other'],
  ...['Acme', '-a', 'a`b', 'a b', 'a'.repeat(33)].map((id): [string[], string] => [
    ['add', '--', id],
    `${id} cannot be an id: 1 to 32 of a-z, 0-9, _ and -, the first a letter or a digit.`,
  ]),
  [['add', 'a', '--unbind', 'feishu:a:b'], '--unbind does not go with add.'],
  [['list', '--yes'], '--yes does not go with list.'],
  [
    ['set', 'a', '--rate-limit', '1.5'],
    '--rate-limit 1.5 is not a number of messages a minute from 0 (no limit) to 1000000.',
  ],
  [['set', 'a', '--model-endpoint', 'model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', 'ftp://model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', 'https://me:key@model'], ENDPOINT],
  [['set', 'a', '--model-endpoint', `https://${'m'.repeat(121)}`], ENDPOINT],
  [['set', 'a', '--model-name', 'm'.repeat(65)], '--model-name is longer than 64 characters.'],
  [['set', 'a', '--model-name', 'm\n'], '--model-name "m " holds a control character. Type it again.'],
  [['set', 'a', '--bind', 'feishu:a:b\u001b[2J'], '--bind "feishu:a:b [2J" holds a control character. Type it again.'],
  [['set', 'a', '--isolation', 'own'], '--isolation own is none of shared, dedicated.'],
  ...['feishu', 'feishu:a', 'feishu::b', 'slack:a:b', `feishu:${'a'.repeat(65)}:b`].map((given): [string[], string] => [
    ['set', 'a', '--bind', given],
    `${given} ${BINDING}`,
  ]),
])('%j is wrong usage', (argv, problem) => {
  expect(() => readWords(argv)).toThrow(new UsageError(problem));
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
])('what was pasted is read as meant: %j', (argv, change) => {
  expect(readWords(['set', 'a', ...argv]).change).toMatchObject(change);
});

test('wrong usage is shown with the right one, and nothing is touched', async () => {
  const { exitCode, stdout, stderr } = await runOps(['tenants', 'add'], { dir: temporaryFolder() });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Say which tenant: add acme\n\nUsage: npm run -s ops -- tenants /);
});
