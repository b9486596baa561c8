// Builds the events that Feishu sends, in both envelopes, encrypted and signed as on the wire.

import type { Callback } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { LabCredentials } from '../credentials.ts';
import { encrypt, eventSignature } from './crypto.ts';
import type { ChatType, Person } from './directory.ts';

type FeishuCredentials = LabCredentials['feishu'];

/** Fields of one message event. */
export interface TextEvent {
  text: string;
  chatId: string;
  chatType: ChatType;
  person: Person;
  messageId: string;
  eventId: string;
  /** Milliseconds since 1970. */
  at: number;
  /** True if the message mentions the bot, as group messages to the bot do. */
  mentionsBot: boolean;
  /** Other mentioned people. `@name` in the text is replaced by their keys. */
  mentions?: readonly { openId: string; name: string }[];
  threadId?: string | undefined;
  /** The message that this one replies to, and the first message of that chain. */
  parentId?: string | undefined;
  rootId?: string | undefined;
  /** Type and content of a message that is not text. */
  other?: { type: string; content: object } | undefined;
}

/** The `im.message.receive_v1` event in the 2.0 envelope. */
export function messageEventV2(app: FeishuCredentials, event: TextEvent): object {
  const at = String(event.at);
  const mentions = mentionsOf(app, event);
  const { openId, unionId, userId } = event.person;
  return envelopeV2(
    app,
    { ...event, type: 'im.message.receive_v1' },
    {
      sender: {
        sender_id: { union_id: unionId, user_id: userId, open_id: openId },
        sender_type: 'user',
        tenant_key: app.tenantKey,
      },
      message: {
        message_id: event.messageId,
        ...(event.parentId === undefined ? {} : { root_id: event.rootId ?? event.parentId, parent_id: event.parentId }),
        ...(event.threadId === undefined ? {} : { thread_id: event.threadId }),
        create_time: at,
        update_time: at,
        chat_id: event.chatId,
        chat_type: event.chatType,
        message_type: event.other?.type ?? 'text',
        content: contentOf(event, mentions),
        ...(mentions.length > 0 ? { mentions } : {}),
      },
    },
  );
}

function contentOf(event: TextEvent, mentions: ReturnType<typeof mentionsOf>): string {
  return JSON.stringify(event.other?.content ?? { text: withKeys(event, mentions) });
}

/**
 * Returns the message as `GET /im/v1/messages/:id` answers it: the id of a mention is a plain text. See
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/get (read 2026-11).
 */
export function storedMessage(app: FeishuCredentials, event: TextEvent) {
  const mentions = mentionsOf(app, event);
  return {
    message_id: event.messageId,
    chat_id: event.chatId,
    msg_type: event.other?.type ?? 'text',
    create_time: String(event.at),
    update_time: String(event.at),
    deleted: false,
    updated: false,
    sender: { id: event.person.openId, id_type: 'open_id', sender_type: 'user', tenant_key: app.tenantKey },
    body: { content: contentOf(event, mentions) },
    ...(mentions.length > 0
      ? { mentions: mentions.map((one) => ({ ...one, id: one.id.open_id, id_type: 'open_id' })) }
      : {}),
  };
}

/** Puts any event into the 2.0 envelope. */
export function envelopeV2(
  app: FeishuCredentials,
  { type, eventId, at }: { type: string; eventId: string; at: number },
  event: object,
): object {
  const { verificationToken: token, appId: app_id, tenantKey: tenant_key } = app;
  const header = { event_id: eventId, event_type: type, create_time: String(at), token, app_id, tenant_key };
  return { schema: '2.0', header, event };
}

/** Puts any event into the 1.0 envelope. */
export function envelopeV1(
  { verificationToken: token, appId: app_id, tenantKey: tenant_key }: FeishuCredentials,
  { type, eventId, at }: { type: string; eventId: string; at: number },
  event: object,
): object {
  const ts = (at / 1000).toFixed(6);
  return { ts, uuid: eventId, token, type: 'event_callback', event: { type, app_id, tenant_key, ...event } };
}

function mentionsOf(app: FeishuCredentials, { mentionsBot, mentions = [] }: TextEvent) {
  const all = [...(mentionsBot ? [{ openId: app.botOpenId, name: 'Bot' }] : []), ...mentions];
  return all.map(({ openId, name }, index) => ({
    key: `@_user_${index + 1}`,
    id: { union_id: `on_${openId.slice(3)}`, user_id: '', open_id: openId },
    name,
    mentioned_type: openId === app.botOpenId ? 'bot' : 'user',
    tenant_key: app.tenantKey,
  }));
}

/**
 * Replaces mentions by their keys. The mention of the bot is first unless the text contains it. `@all` has a key but is
 * not in the list of mentions.
 */
function withKeys({ text, mentionsBot }: TextEvent, mentions: ReturnType<typeof mentionsOf>): string {
  const placed = mentionsBot && !text.includes('@Bot') ? `@Bot ${text}` : text;
  return mentions.reduce((rest, { key, name }) => rest.replace(`@${name}`, key), placed).replaceAll(/@all\b/g, '@_all');
}

/** The older `message` event in the 1.0 envelope. */
export function messageEventV1(app: FeishuCredentials, event: TextEvent): object {
  const { openId, unionId, userId } = event.person;
  const mention = event.mentionsBot ? `<at open_id="${app.botOpenId}">@Bot</at> ` : '';
  return envelopeV1(
    app,
    { ...event, type: 'message' },
    {
      root_id: event.rootId ?? event.parentId ?? '',
      parent_id: event.parentId ?? '',
      open_chat_id: event.chatId,
      chat_type: event.chatType === 'p2p' ? 'private' : 'group',
      msg_type: event.other?.type ?? 'text',
      open_id: openId,
      employee_id: userId,
      union_id: unionId,
      open_message_id: event.messageId,
      is_mention: event.mentionsBot,
      text: `${mention}${event.text}`,
      text_without_at_bot: event.text,
    },
  );
}

/** Returns the address check that the platform sends when the address is saved in the console. */
export function challengeEvent(app: FeishuCredentials): { challenge: string; token: string; type: string } {
  return { challenge: randomId(32), token: app.verificationToken, type: 'url_verification' };
}

/** Options of `sealEvent`. */
export interface SealOptions {
  url: string;
  payload: unknown;
  encryptKey: string;
  /** False simulates an app without an Encrypt Key: plain body, no signature. */
  encrypted: boolean;
  /** False for the address check, which is never signed. */
  signed: boolean;
  now: number;
}

/** Builds one HTTP request from an event: an encrypted body, and the signature over exactly these bytes. */
export function sealEvent({ url, payload, encryptKey, encrypted, signed, now }: SealOptions): Callback {
  const plain = JSON.stringify(payload);
  const body = Buffer.from(encrypted ? JSON.stringify({ encrypt: encrypt(plain, encryptKey) }) : plain);
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (encrypted && signed) {
    const timestamp = String(Math.floor(now / 1000));
    const nonce = randomId(16);
    headers['x-lark-request-timestamp'] = timestamp;
    headers['x-lark-request-nonce'] = nonce;
    headers['x-lark-signature'] = eventSignature({ timestamp, nonce, encryptKey, body });
  }
  return { url, headers, body };
}
