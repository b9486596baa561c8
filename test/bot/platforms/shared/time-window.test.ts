// The time window of signed callbacks is not longer than the retention of ids.
import { describe, expect, test } from '@jest/globals';
import { type CallbackRequest, type CallbackResult, FINISHED_RETENTION_MS } from '../../../../bot/domain/callback.ts';
import { receiveDingtalk } from '../../../../bot/platforms/dingtalk/inbound/receive.ts';
import { screenDingtalk } from '../../../../bot/platforms/dingtalk/inbound/screen.ts';
import { eventSignature, legacyCardSignature } from '../../../../bot/platforms/feishu/crypto.ts';
import { receiveFeishu } from '../../../../bot/platforms/feishu/inbound/receive.ts';
import { screenFeishu } from '../../../../bot/platforms/feishu/inbound/screen.ts';
import { isWithinWindow, readTimestamp } from '../../../../bot/platforms/shared/time-window.ts';
import { callbackSignature, encryptEvent } from '../../../../ops/lab/dingtalk/crypto.ts';
import { app as dingtalkApp } from '../dingtalk/callbacks.ts';
import { eventV2, app as feishuApp, sealed } from '../feishu/callbacks.ts';
import { NOW, requestOf } from '../request.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Time of Feishu's last redelivery: after 15 s, 5 min, 1 h and 6 h. */
const LAST_REDELIVERY_MS = 15_000 + 5 * MINUTE_MS + 7 * HOUR_MS;

test('a replay is too old before the id of the original is deleted, at any signed time', () => {
  for (let signedAgo = -HOUR_MS; signedAgo <= FINISHED_RETENTION_MS; signedAgo += 10 * MINUTE_MS) {
    const signedAt = NOW - signedAgo;
    if (isWithinWindow(signedAt, NOW)) expect(isWithinWindow(signedAt, NOW + FINISHED_RETENTION_MS + 1)).toBe(false);
  }
});

test.each([
  'abc',
  '',
  ' 1700000000',
  '1700000000.5',
  '-1700000000',
  '+1700000000',
  '1.7e9',
  '0x1',
  'NaN',
  'Infinity',
  '٣',
  '9'.repeat(400),
])('%j is no timestamp', (text) => {
  expect(readTimestamp(text, 'seconds')).toBeNaN();
});

interface SignedKind {
  name: string;
  /** Returns a callback signed over the given text of a timestamp. */
  at(timestamp: string): CallbackRequest;
  /** Returns a time in the platform's unit. */
  written(time: number): string;
  /** Returns a time in the other unit. */
  otherUnit(time: number): string;
  receive(request: CallbackRequest): CallbackResult;
  screen(request: CallbackRequest): object;
}

const feishu = {
  written: (time: number) => String(Math.floor(time / 1000)),
  otherUnit: (time: number) => String(time),
  receive: (request: CallbackRequest) => receiveFeishu([feishuApp], request),
  screen: (request: CallbackRequest) => screenFeishu([feishuApp], request),
};

const kinds: SignedKind[] = [
  {
    name: 'a Feishu event',
    ...feishu,
    at(timestamp) {
      const { rawBody } = sealed(eventV2());
      const signature = eventSignature(feishuApp.encryptKey, { timestamp, nonce: 'n', rawBody });
      return requestOf({ rawBody, headers: larkHeaders(timestamp, signature) });
    },
  },
  {
    name: 'a legacy card callback of Feishu',
    ...feishu,
    at(timestamp) {
      const rawBody = Buffer.from('{"action":{"value":{}}}');
      const signature = legacyCardSignature(feishuApp.verificationToken, { timestamp, nonce: 'n', rawBody });
      return requestOf({ rawBody, headers: larkHeaders(timestamp, signature) });
    },
  },
  {
    name: 'a DingTalk event',
    written: String,
    otherUnit: (time) => String(Math.floor(time / 1000)),
    receive: (request) => receiveDingtalk([dingtalkApp], request),
    screen: (request) => screenDingtalk([dingtalkApp], request),
    at(timestamp) {
      const { token, aesKey, appKey } = dingtalkApp;
      const encrypt = encryptEvent('{"EventType":"chat_update_title"}', aesKey, appKey);
      const signature = callbackSignature({ token, timestamp, nonce: 'n', encrypt });
      return requestOf({ body: { encrypt }, query: { signature, timestamp, nonce: 'n' } });
    },
  },
];

function larkHeaders(timestamp: string, signature: string): Record<string, string> {
  return {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': 'n',
    'x-lark-signature': signature,
  };
}

describe.each(kinds)('$name', ({ at, written, otherUnit, receive, screen }) => {
  test.each([
    ['now', 0],
    ['at the last redelivery, signed once', -LAST_REDELIVERY_MS],
    ['by a clock ten minutes ahead', 10 * MINUTE_MS],
  ])('signed %s is accepted', (_name, offset) => {
    const request = at(written(NOW + offset));
    expect(screen(request)).not.toHaveProperty('reason');
    expect(receive(request).kind).not.toBe('rejected');
  });

  test.each([
    ['8 hours ago', written(NOW - FINISHED_RETENTION_MS - 1_000)],
    ['a year ago', written(NOW - 365 * 24 * HOUR_MS)],
    ['an hour ahead', written(NOW + HOUR_MS)],
    ['far ahead', written(NOW * 1.5)],
    ['in the other unit', otherUnit(NOW)],
    ['over letters', 'abc'],
    ['over a negative time', `-${written(NOW)}`],
    ['over NaN', 'NaN'],
    ['over a fraction', `${written(NOW)}.5`],
    ['over a blank before it', ` ${written(NOW)}`],
  ])('signed %s is stale', (_name, timestamp) => {
    const request = at(timestamp);
    expect(screen(request)).toEqual({ reason: 'stale_timestamp' });
    expect(receive(request)).toEqual({ kind: 'rejected', reason: 'stale_timestamp' });
  });
});
