// Feishu callbacks as the platform makes them, and changed ones as others may.
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
/** Another one. */
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
const told: TextEvent = {
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
// biome-ignore lint/suspicious/noExplicitAny: tests reach into it to break it
export type Event = any;

export function eventV2(given: Partial<TextEvent> = {}, from: object = app): Event {
  return messageEventV2({ ...app, ...from }, { ...told, ...given });
}
export function eventV1(given: Partial<TextEvent> = {}, from: object = app): Event {
  return messageEventV1({ ...app, ...from }, { ...told, ...given });
}

/** The same event with another member at `path`; undefined takes the member away. */
export function changed(event: Event, path: string, value: unknown): Event {
  const copy = structuredClone(event);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  keys.reduce((at, key) => at[key], copy)[last] = value;
  return copy;
}

/** Encrypted and signed. */
export function sealed(payload: unknown, encryptKey = app.encryptKey): CallbackRequest {
  return toRequest(payload, encryptKey, { encrypted: true, signed: true });
}
/** Encrypted without a signature, as the address check comes. */
export function unsigned(payload: unknown, encryptKey = app.encryptKey): CallbackRequest {
  return toRequest(payload, encryptKey, { encrypted: true, signed: false });
}

function toRequest(payload: unknown, encryptKey: string, how: { encrypted: boolean; signed: boolean }) {
  const { headers, body: rawBody } = sealEvent({ url: '', payload, encryptKey, now: NOW, ...how });
  return requestOf({ headers, rawBody });
}
