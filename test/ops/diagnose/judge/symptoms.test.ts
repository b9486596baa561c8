// What has to be explained, and what is over or nobody's fault.
import { expect, test } from '@jest/globals';
import { findSymptoms, settleGroups } from '../../../../ops/diagnose/judge/symptoms.ts';
import type { CheckResult, ErrorGroup } from '../../../../ops/diagnose/report.ts';

const AT = '2026-11-22T10:00:00.000Z';

function check(id: string, status: CheckResult['status'] = 'ok'): CheckResult {
  return { id, title: id, layer: 0, critical: true, status, summary: 'x', startedAt: AT, ms: 0, facts: [] };
}

function group(change: Partial<ErrorGroup>): ErrorGroup {
  return {
    id: 'group',
    kind: 'push',
    platform: 'feishu',
    stage: 'send',
    code: 'x',
    class: 'unknown',
    count: 5,
    attempted: 9,
    chats: 1,
    firstSeen: AT,
    lastSeen: AT,
    recovered: false,
    ...change,
  };
}

const way = check('net.feishu.http');
const cred = check('cred.feishu');
const dingtalk = { kind: 'callback', platform: 'dingtalk', class: 'signature_mismatch' } as const;

const cases: [string, Partial<ErrorGroup>, CheckResult[], boolean][] = [
  ['a failed push', {}, [], true],
  ['a push to a chat that is gone', { class: 'target_gone' }, [], false],
  ['one that a later push made good', { recovered: true }, [], false],
  ['a cut connection, now that the way is free', { class: 'network' }, [way], false],
  ['a cut connection, with the way unknown', { class: 'network' }, [], true],
  ['an error of the platform, though the way is free', { class: 'platform_error' }, [way], true],
  ['refused credentials that are accepted now', { class: 'credentials' }, [cred], false],
  ['refused credentials that still are', { class: 'credentials' }, [check('cred.feishu', 'fail')], true],
  [
    'a model out of reach, now that the way is free',
    { kind: 'model', platform: 'model', class: 'network' },
    [check('net.model.http')],
    false,
  ],
  [
    'a model that is too slow, though the way is free',
    { kind: 'model', platform: 'model', class: 'timeout' },
    [check('net.model.http')],
    true,
  ],
  ['a question the model must not answer', { kind: 'model', platform: 'model', class: 'content_filter' }, [], false],
  ['callbacks we could not store', { kind: 'callback', class: 'store_failed', count: 1 }, [cred], true],
  ['a single wrong signature', { kind: 'callback', class: 'signature_mismatch', count: 1 }, [], false],
  ['many wrong signatures', { kind: 'callback', class: 'signature_mismatch' }, [], true],
  ['many wrong signatures while DingTalk accepts our secret', dingtalk, [check('cred.dingtalk')], false],
  ['many wrong signatures while DingTalk refuses our secret', dingtalk, [check('cred.dingtalk', 'fail')], true],
  ['garbage', { kind: 'callback', class: 'malformed_json', count: 500 }, [], false],
];

test.each(cases)('%s', (_, change, checks, expected) => {
  const groups = settleGroups([group(change)], checks);
  const ids = findSymptoms(checks, groups, () => 1).map(({ id }) => id);
  expect(ids.includes('group')).toBe(expected);
});

test('a busy hour weighs less than a dead process', () => {
  const symptoms = findSymptoms([check('proc.up', 'fail')], [group({ count: 100_000 })], () => 1000);
  expect(symptoms.map(({ id, weight }) => [id, weight])).toEqual([
    ['proc.up', 1000],
    ['group', 90],
  ]);
});
