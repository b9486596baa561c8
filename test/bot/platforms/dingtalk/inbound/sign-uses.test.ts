// Rejection of captured robot signatures, which do not cover the body, with other messages.
import { describe, expect, test } from '@jest/globals';
import { receiveDingtalk } from '../../../../../bot/platforms/dingtalk/inbound/receive.ts';
import { createSignUses } from '../../../../../bot/platforms/dingtalk/inbound/sign-uses.ts';
import { NOW } from '../../request.ts';
import { app, robotMessage, signed } from '../callbacks.ts';

function receiver(uses = createSignUses()) {
  return (messageId: string, { after = 0, signedAt = NOW } = {}) => {
    const request = signed(robotMessage({ messageId }), { timestamp: String(signedAt) });
    const result = receiveDingtalk([app], { ...request, now: NOW + after }, uses);
    return result.kind === 'rejected' ? result.reason : result.kind;
  };
}

test('accepts messages of the same millisecond for ten seconds after the first', () => {
  const receive = receiver();
  expect(receive('msg-1', { after: 500 })).toBe('message');
  expect(receive('msg-2', { after: 600 })).toBe('message');
  expect(receive('msg-3', { after: 10_500 })).toBe('message');
  expect(receive('msg-4', { after: 10_501 })).toBe('signature_reused');
});

test('rejects a captured signature with another message after the clock was set back', () => {
  const receive = receiver();
  expect(receive('msg-1', { after: 1_800_000 })).toBe('message');
  expect(receive('msg-2', { after: 0 })).toBe('signature_reused');
  expect(receive('msg-1', { after: 0 })).toBe('message');
});

test('accepts a redelivered message until its signature expires', () => {
  const receive = receiver();
  receive('msg-1');
  receive('msg-2');
  for (const after of [15_000, 300_000, 3_600_000]) {
    expect([receive('msg-1', { after }), receive('msg-2', { after })]).toEqual(['message', 'message']);
  }
});

test('counts from the first use of a signature, even if the delivery is late', () => {
  const receive = receiver();
  expect(receive('msg-1', { after: 3_500_000 })).toBe('message');
  expect(receive('msg-2', { after: 3_505_000 })).toBe('message');
});

test('accepts other signatures', () => {
  const receive = receiver();
  receive('msg-1');
  expect(receive('msg-2', { after: 60_000, signedAt: NOW + 1 })).toBe('message');
});

test('does not record the signature of a malformed message', () => {
  const uses = createSignUses();
  receiveDingtalk([app], { ...signed('{}'), now: NOW }, uses);
  expect(receiver(uses)('msg-1', { after: 60_000 })).toBe('message');
});

describe('the memory', () => {
  const most = 3;
  const use = (signedAt: number, messageId: string, now: number) => ({
    sign: `s${signedAt}`,
    signedAt,
    messageId,
    now,
  });

  test('is bounded in signatures, and a forgotten signature is rejected', () => {
    const uses = createSignUses(most);
    for (let i = 0; i < 10; i++) expect(uses.note(use(NOW + i, `m${i}`, NOW + i))).toBe(true);
    expect(uses.note(use(NOW, 'other', NOW + 60_000))).toBe(false);
    expect(uses.note(use(NOW + 9, 'other', NOW + 60_000))).toBe(false);
    expect(uses.note(use(NOW + 9, 'm9', NOW + 60_000))).toBe(true);
  });

  test('is bounded in messages of one signature', () => {
    const uses = createSignUses();
    const accepted = Array.from({ length: 1_000 }, (_, i) => uses.note(use(NOW, `m${i}`, NOW))).filter(Boolean);
    expect(accepted.length).toBeLessThan(500);
    expect(uses.note(use(NOW, 'm0', NOW))).toBe(true);
  });
});
