// Tests the counting of log lines: groups, totals, chats, and recovered groups.
import { expect, test } from '@jest/globals';
import { createCallbackTally, createPushTally, type Tally } from '../../../../ops/diagnose/evidence/group-lines.ts';

const time = (second: number) => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`;

function push(change: object) {
  return { 'event.action': 'push-attempted', 'chatbot.platform': 'feishu', 'chatbot.stage': 'send', ...change };
}
const sent = (change = {}) => push({ 'event.outcome': 'success', ...change });
const rejected = (code: string, change = {}) =>
  push({ 'event.outcome': 'failure', 'event.reason': 'credentials', 'chatbot.code': code, ...change });

function count(tally: Tally, lines: object[]) {
  lines.forEach((line, index) => {
    tally.add(line as Record<string, unknown>, time(index));
  });
  return { groups: tally.groups(), traffic: tally.traffic() };
}

test('groups equal failures, with the number of all attempts', () => {
  const lines = [
    sent(),
    rejected('10014', { 'chatbot.chat_hash': 'a', 'trace.id': 't1' }),
    rejected('10014', { 'chatbot.chat_hash': 'b', 'trace.id': 't2' }),
    rejected('10014', { 'chatbot.chat_hash': 'a', 'trace.id': 't3' }),
    { 'event.action': 'model-completed', 'event.outcome': 'failure' },
  ];
  expect(count(createPushTally(), lines)).toEqual({
    groups: [
      {
        id: 'ev.pushes:feishu:send:10014',
        kind: 'push',
        platform: 'feishu',
        stage: 'send',
        code: '10014',
        class: 'credentials',
        count: 3,
        attempted: 4,
        chats: 2,
        firstSeen: time(1),
        lastSeen: time(3),
        recovered: false,
        traceId: 't3',
      },
    ],
    traffic: [{ platform: 'feishu', attempted: 4, failed: 3, chats: 2, lastAt: time(3), lastSuccessAt: time(0) }],
  });
});

test.each([
  ['later success on the same platform', [rejected('1'), sent()], true],
  ['earlier success', [sent(), rejected('1')], false],
  ['success on another platform', [rejected('1'), sent({ 'chatbot.platform': 'dingtalk' })], false],
])('marks a group as recovered only after a later success: %s', (_, lines, recovered) => {
  expect(count(createPushTally(), lines).groups[0]?.recovered).toBe(recovered);
});

test.each([
  ['the code of the platform', { 'chatbot.code': 7, 'error.code': 'E' }, '7'],
  ['otherwise the system code', { 'chatbot.code': undefined, 'error.code': 'ECONNREFUSED' }, 'ECONNREFUSED'],
  ['otherwise the error class', { 'chatbot.code': undefined }, 'credentials'],
])('uses as the code of a group %s', (_, change, code) => {
  expect(count(createPushTally(), [rejected('', change)]).groups[0]?.code).toBe(code);
});

const callback = (reason: string) => ({
  'event.action': 'callback-received',
  'chatbot.platform': 'dingtalk',
  'event.reason': reason,
});

test('counts ignored callbacks as genuine, and no HTTP requests for a platform with a long connection', () => {
  const stranger = { ...callback('signature_mismatch'), 'client.ip': '203.0.113.7' };
  const lines = [callback('not_mentioned'), callback('unused_event_type'), callback('token_mismatch'), stranger];
  const ids = (tally: Tally) => count(tally, lines).groups.map(({ id }) => id);
  expect(ids(createCallbackTally(['dingtalk']))).toEqual(['ev.callbacks:dingtalk:token_mismatch']);
  expect(ids(createCallbackTally(['feishu']))).toHaveLength(2);
});

test('counts genuine callbacks as successes, rejected ones as failures, and skips unsigned ones', () => {
  const reasons = ['message', 'missing_signature', 'signature_mismatch', 'duplicate', 'not_text', 'signature_mismatch'];
  const { groups, traffic } = count(createCallbackTally(), reasons.map(callback));
  expect(groups.map(({ id, count: total, attempted }) => [id, total, attempted])).toEqual([
    ['ev.callbacks:dingtalk:signature_mismatch', 2, 5],
  ]);
  expect(traffic).toEqual([
    { platform: 'dingtalk', attempted: 5, failed: 2, chats: 0, lastAt: time(5), lastSuccessAt: time(4) },
  ]);
});
