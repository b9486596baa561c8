// Builds Feishu callbacks as the platform sends them, and modified ones.
import type { CallbackRequest } from '../../../../bot/domain/callback.ts';
import { messageEventV1, messageEventV2, sealEvent, type TextEvent } from '../../../../ops/lab/feishu/events.ts';
import { NOW, requestOf } from '../request.ts';

/** An app with an Encrypt Key. */
export const app = {
  appId: 'cli_a',
  appSecret: 'secret of a',
  encryptKey: 'encrypt key of a',
  verificationToken: 'token of a',
  tenantKey: 'tenant-1',
  botOpenId: 'ou_bot',
};
/** Another app with an Encrypt Key. */
export const otherApp = {
  ...app,
  appId: 'cli_b',
  appSecret: 'secret of b',
  encryptKey: 'encrypt key of b',
  verificationToken: 'token of b',
};
const { encryptKey: _, ...withoutKey } = app;
/** An app without an Encrypt Key: its events are plain and unsigned. */
export const plainApp = { ...withoutKey, appId: 'cli_plain', verificationToken: 'token of plain' };

const person = { openId: 'ou_1', unionId: 'on_1', userId: 'u1' };
const defaultEvent: TextEvent = {
  text: 'hello',
  chatId: 'oc_1',
  chatType: 'p2p',
  person,
  messageId: 'om_1',
  eventId: 'ev_1',
  at: NOW,
  mentionsBot: false,
};

/** An event whose members tests change. */
// biome-ignore lint/suspicious/noExplicitAny: tests change members of any type
export type Event = any;

export function eventV2(given: Partial<TextEvent> = {}, from: object = app): Event {
  return messageEventV2({ ...app, ...from }, { ...defaultEvent, ...given });
}
export function eventV1(given: Partial<TextEvent> = {}, from: object = app): Event {
  return messageEventV1({ ...app, ...from }, { ...defaultEvent, ...given });
}

/** Returns a copy of the event with another member at `path`. The value undefined removes the member. */
export function changed(event: Event, path: string, value: unknown): Event {
  const copy = structuredClone(event);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  keys.reduce((at, key) => at[key], copy)[last] = value;
  return copy;
}

/** Returns an encrypted and signed request. */
export function sealed(payload: unknown, encryptKey = app.encryptKey): CallbackRequest {
  return toRequest(payload, encryptKey, { encrypted: true, signed: true });
}
/** Returns an encrypted request without a signature, like the address check. */
export function unsigned(payload: unknown, encryptKey = app.encryptKey): CallbackRequest {
  return toRequest(payload, encryptKey, { encrypted: true, signed: false });
}

function toRequest(payload: unknown, encryptKey: string, how: { encrypted: boolean; signed: boolean }) {
  const { headers, body: rawBody } = sealEvent({ url: '', payload, encryptKey, now: NOW, ...how });
  return requestOf({ headers, rawBody });
}
