// Tests the accepted and the rejected forms of people in OPERATORS.
import { expect, test } from '@jest/globals';
import { readSettings } from '../../../bot/config/load-settings.ts';
import { nameOfPerson, parsePerson } from '../../../bot/config/people.ts';

test.each([
  ['feishu:ou_a1', { platform: 'feishu', userId: 'ou_a1' }],
  ['dingtalk:manager42', { platform: 'dingtalk', userId: 'manager42' }],
  ['dingtalk:$:LWCP_v1:$a/b+c==', { platform: 'dingtalk', userId: '$:LWCP_v1:$a/b+c==' }],
  ['dingtalk:dingcorp1/manager42', { platform: 'dingtalk', organisation: 'dingcorp1', userId: 'manager42' }],
  ['dingtalk:dingcorp1/$:LWCP_v1:$a/b', { platform: 'dingtalk', organisation: 'dingcorp1', userId: '$:LWCP_v1:$a/b' }],
  ['feishu:2ed263bf32cf1651/ou_a1', { platform: 'feishu', organisation: '2ed263bf32cf1651', userId: 'ou_a1' }],
])('%s', (text, person) => {
  expect(parsePerson(text)).toEqual(person);
  const { platform, organisation, userId } = person as { platform: string; organisation?: string; userId: string };
  if (organisation !== undefined) expect(nameOfPerson({ platform, organisation, userId })).toBe(text);
});

test.each([
  '',
  'ou_a1',
  'feishu:',
  'wechat:a',
  'feishu: a',
  'dingtalk:/manager42',
  'dingtalk:corp/',
  'dingtalk:a b',
  'feishu:ou_a1;dingtalk:b',
])('rejects %j and names the accepted forms', (text) => {
  expect(parsePerson(text)).toBeUndefined();
  const { problems } = readSettings({ env: { OPERATORS: `feishu:ou_a1,${text || 'x'}` }, dir: '/nonexistent' });
  expect(problems).toEqual([
    {
      name: 'OPERATORS',
      problem: expect.stringContaining(
        'is not a list of feishu:<open_id>, dingtalk:<staff id> and <platform>:<organisation>/<id>',
      ),
      fix: expect.stringContaining('OPERATORS=feishu:ou_a1,dingtalk:manager42,dingtalk:dingcorp1/manager42'),
    },
  ]);
});
