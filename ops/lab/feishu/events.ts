// The events Feishu pushes, in both envelopes, sealed as on the wire.

import type { Callback } from '../common/deliver.ts';
import { randomId } from '../common/ids.ts';
import type { LabCredentials } from '../credentials.ts';
import { encrypt, eventSignature } from './crypto.ts';
import type { ChatType, Person } from './directory.ts';

type FeishuCredentials = LabCredentials['feishu'];

/** Everything that goes into one text message event. */
export interface TextEvent {
  text: string;
  chatId: string;
  chatType: ChatType;
  person: Person;
  messageId: string;
  eventId: string;
  /** Milliseconds since 1970. */
  at: number;
  /** Whether the message mentions the bot, as group messages to it do. */
  mentionsBot: boolean;
}

/** The `im.message.receive_v1` event in the 2.0 envelope. */
export function messageEventV2(app: FeishuCredentials, event: TextEvent): object {
  const at = String(event.at);
  const mention = {
    key: '@_user_1',
    id: { union_id: `on_${app.botOpenId.slice(3)}`, user_id: '', open_id: app.botOpenId },
    name: 'Bot',
    tenant_key: app.tenantKey,
  };
  const text = event.mentionsBot ? `@_user_1 ${event.text}` : event.text;
  const { openId, unionId, userId } = event.person;
  return {
    schema: '2.0',
    header: {
      event_id: event.eventId,
      event_type: 'im.message.receive_v1',
      create_time: at,
      token: app.verificationToken,
      app_id: app.appId,
      tenant_key: app.tenantKey,
    },
    event: {
      sender: {
        sender_id: { union_id: unionId, user_id: userId, open_id: openId },
        sender_type: 'user',
        tenant_key: app.tenantKey,
      },
      message: {
        message_id: event.messageId,
        create_time: at,
        update_time: at,
        chat_id: event.chatId,
        chat_type: event.chatType,
        message_type: 'text',
        content: JSON.stringify({ text }),
        ...(event.mentionsBot ? { mentions: [mention] } : {}),
      },
    },
  };
}

/** The older `message` event in the 1.0 envelope. */
export function messageEventV1(app: FeishuCredentials, event: TextEvent): object {
  const { openId, unionId, userId } = event.person;
  const mention = event.mentionsBot ? `<at open_id="${app.botOpenId}">@Bot</at> ` : '';
  return {
    ts: (event.at / 1000).toFixed(6),
    uuid: event.eventId,
    token: app.verificationToken,
    type: 'event_callback',
    event: {
      type: 'message',
      app_id: app.appId,
      tenant_key: app.tenantKey,
      root_id: '',
      parent_id: '',
      open_chat_id: event.chatId,
      chat_type: event.chatType === 'p2p' ? 'private' : 'group',
      msg_type: 'text',
      open_id: openId,
      employee_id: userId,
      union_id: unionId,
      open_message_id: event.messageId,
      is_mention: event.mentionsBot,
      text: `${mention}${event.text}`,
      text_without_at_bot: event.text,
    },
  };
}

/** The address check that is sent when the address is saved in the console. */
export function challengeEvent(app: FeishuCredentials): { challenge: string; token: string; type: string } {
  return { challenge: randomId(32), token: app.verificationToken, type: 'url_verification' };
}

/** How to seal an event. */
export interface SealOptions {
  url: string;
  payload: unknown;
  encryptKey: string;
  /** False plays an app that has no Encrypt Key: plain body, no signature. */
  encrypted: boolean;
  /** False for the address check, which is never signed. */
  signed: boolean;
  now: number;
}

/** Seals an event as one HTTP request: encrypted body, and the signature over its very bytes. */
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
