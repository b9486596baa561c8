// Tests which failures become symptoms, and which are over or no fault.
import { expect, test } from '@jest/globals';
import { INFERENCE_ERROR_CLASSES } from '../../../../bot/domain/inference.ts';
import { findSymptoms, markRecovered } from '../../../../ops/diagnose/judge/symptoms.ts';
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

const http = check('net.feishu.http');
const cred = check('cred.feishu');
const dingtalk = { kind: 'callback', platform: 'dingtalk', class: 'signature_mismatch' } as const;

const model = { kind: 'model', platform: 'model' } as const;

const cases: [string, Partial<ErrorGroup>, CheckResult[], boolean][] = [
  ['a failed push', {}, [], true],
  ['a push to a chat that is gone', { class: 'target_gone' }, [], false],
  ['many pushes to one chat that is gone', { class: 'target_gone', count: 9 }, [], false],
  [
    'pushes to many chats that are gone, beside more successes',
    { class: 'target_gone', chats: 4, count: 4 },
    [],
    false,
  ],
  ['pushes of which most fail in many chats', { class: 'target_gone', chats: 4 }, [], true],
  ['all questions too long for the model', { ...model, class: 'context_length', count: 9 }, [], true],
  ['some questions too long for the model', { ...model, class: 'context_length', count: 4 }, [], false],
  ['the only question, too long', { ...model, class: 'context_length', count: 1, attempted: 1 }, [], false],
  ['a failed push before a successful one', { recovered: true }, [], false],
  ['a lost connection, if the server can be reached now', { class: 'network' }, [http], false],
  ['a lost connection, if no check reached the server', { class: 'network' }, [], true],
  ['an error of the platform, although the server can be reached', { class: 'platform_error' }, [http], true],
  ['rejected credentials, if they are accepted now', { class: 'credentials' }, [cred], false],
  ['rejected credentials, if they are still rejected', { class: 'credentials' }, [check('cred.feishu', 'fail')], true],
  [
    'an unreachable model, if it can be reached now',
    { kind: 'model', platform: 'model', class: 'network' },
    [check('net.model.http')],
    false,
  ],
  [
    'a slow model, although it can be reached',
    { kind: 'model', platform: 'model', class: 'timeout' },
    [check('net.model.http')],
    true,
  ],
  ['a question that the content filter rejected', { ...model, class: 'content_filter', count: 1 }, [], false],
  ['callbacks that the bot could not store', { kind: 'callback', class: 'store_failed', count: 1 }, [cred], true],
  ['a single wrong signature', { kind: 'callback', class: 'signature_mismatch', count: 1 }, [], false],
  ['many wrong signatures', { kind: 'callback', class: 'signature_mismatch' }, [], true],
  ['many wrong signatures while DingTalk accepts our secret', dingtalk, [check('cred.dingtalk')], false],
  ['many wrong signatures while DingTalk rejects our secret', dingtalk, [check('cred.dingtalk', 'fail')], true],
  ['callbacks with invalid JSON', { kind: 'callback', class: 'malformed_json', count: 500 }, [], false],
];

test.each(cases)('classifies %s', (_, change, checks, expected) => {
  const groups = markRecovered([group(change)], checks);
  const ids = findSymptoms(checks, groups, () => 1).map(({ id }) => id);
  expect(ids.includes('group')).toBe(expected);
});

test('gives many log lines less weight than a process that is down', () => {
  const symptoms = findSymptoms([check('proc.up', 'fail')], [group({ count: 100_000 })], () => 1000);
  expect(symptoms.map(({ id, weight }) => [id, weight])).toEqual([
    ['proc.up', 1000],
    ['group', 90],
  ]);
});

const otherClasses = INFERENCE_ERROR_CLASSES.filter((name) => !['context_length', 'content_filter'].includes(name));
const advised: [string, Partial<ErrorGroup>, { blame?: unknown; hint?: unknown }][] = [
  ['a code of Feishu', { code: '99991672' }, { hint: expect.stringContaining('scope') }],
  ['a class', { class: 'permission' }, { blame: 'us.config' }],
  ['a rate limit', { code: '99991400', class: 'rate_limited' }, { blame: 'platform.feishu', hint: expect.any(String) }],
  ['a code that no table has', { code: '7' }, { blame: 'unknown', hint: undefined }],
  ['a rejected callback', { kind: 'callback', class: 'store_failed' }, { blame: undefined, hint: undefined }],
  ...otherClasses.map((name): (typeof advised)[number] => [
    `a failed model call of the class ${name}`,
    { ...model, class: name },
    { blame: expect.any(String), hint: expect.any(String) },
  ]),
];

test.each(advised)('gives blame and hint for %s', (_, change, expected) => {
  const [{ blame, hint } = {}] = findSymptoms([], [group(change)], () => 1);
  expect({ blame, hint }).toMatchObject(expected);
});

test.each([
  ['feishu', '99991401', 'us.config'],
  ['dingtalk', 'unauthorized.client', 'us.config'],
  ['dingtalk', 'Forbidden.AccessDenied.QpsLimit', 'platform.dingtalk'],
  ['dingtalk', 'system.error', 'platform.dingtalk'],
])('gives blame and hint for a token call that %s rejects with %s', (platform, code, blame) => {
  const failed = { ...check(`cred.${platform}`, 'fail'), code };
  expect(findSymptoms([failed], [], () => 1)).toMatchObject([
    { id: `cred.${platform}`, blame, hint: expect.any(String) },
  ]);
});
