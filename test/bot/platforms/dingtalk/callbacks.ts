// Builds DingTalk callbacks as the platform sends them, and modified ones.
import type { CallbackRequest } from '../../../../bot/domain/callback.ts';
import { robotSign } from '../../../../ops/lab/dingtalk/crypto.ts';
import { type RobotMessage, robotBody, sealEvent } from '../../../../ops/lab/dingtalk/events.ts';
import { NOW, requestOf } from '../request.ts';

/** An app with event subscription. */
export const app = {
  appKey: 'ding-a',
  appSecret: 'secret of a',
  aesKey: 'a'.repeat(43),
  token: 'tokenOfA',
  robotCode: 'robot-a',
  corpId: 'corp-1',
};
/** Another app with event subscription. */
export const otherApp = {
  ...app,
  appKey: 'ding-b',
  appSecret: 'secret of b',
  aesKey: 'b'.repeat(43),
  token: 'tokenOfB',
  robotCode: 'robot-b',
};
/** An app without event subscription. */
export const robotApp = {
  appKey: 'ding-c',
  appSecret: 'secret of c',
  robotCode: 'robot-c',
  corpId: 'corp-1',
};

/** A message whose members tests change. */
// biome-ignore lint/suspicious/noExplicitAny: tests change members of any type
export type Body = any;

/** Returns the body of a robot message. `changes` replaces members; the value undefined removes them. */
export function robotMessage(given: Partial<RobotMessage> = {}, changes: object = {}, from: object = app): Body {
  const message: RobotMessage = {
    text: 'hello',
    messageId: 'msg-1',
    chatId: 'cid-1',
    type: '1',
    staffId: 'staff-1',
    sessionWebhook: 'https://oapi.dingtalk.com/robot/sendBySession?session=s1',
    sessionExpiresAt: NOW + 5_400_000,
    at: NOW,
    ...given,
  };
  return { ...robotBody({ ...app, ...from }, message), ...changes };
}

/** Returns a signed request. Like the platform, it signs the timestamp but not the body. */
export function signed(body: unknown, { secret = app.appSecret, timestamp = String(NOW) } = {}): CallbackRequest {
  return requestOf({ body, headers: { timestamp, sign: robotSign(timestamp, secret) } });
}

/** Returns an event callback, encrypted and signed in the query. */
export function event(payload: unknown, from = app): CallbackRequest {
  const { url, body } = sealEvent({ url: 'http://bot/dingtalk/callback', payload, app: from, now: NOW });
  return requestOf({ rawBody: body, query: Object.fromEntries(new URL(url).searchParams) });
}
