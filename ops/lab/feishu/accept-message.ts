// Taking one message from the bot: content, idempotency key and rate, in this order.

import { BoundedMap } from '../common/bounded-map.ts';
import { randomId } from '../common/ids.ts';
import { asText } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import type { SentLog } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import { checkContent } from './check-content.ts';
import { FeishuRefusal, invalidField } from './errors.ts';

const uuidLifeMs = 3_600_000;

/** A send or reply request whose receiver is known. */
export interface Incoming {
  body: Record<string, unknown>;
  chatId: string;
  /** The message a reply is to. */
  replyTo: string | null;
}

/** What taking a message needs. */
export interface AcceptDeps {
  app: LabCredentials['feishu'];
  /** The chat a message (the user's or the bot's) is in. */
  chatOfMessage: BoundedMap<string, string>;
  log: SentLog;
  /** Whether the limit of 5 messages a second per chat applies. */
  limitsRates(): boolean;
  now(): number;
}

/** Creates the function that takes a message and returns the `data` of the answer; it throws the platform's refusal. */
export function createAccept({
  app,
  chatOfMessage,
  log,
  limitsRates,
  now,
}: AcceptDeps): (incoming: Incoming) => object {
  const perChat = createRateWindow(5, 1_000, now);
  const byUuid = new BoundedMap<string, { at: number; data: object }>(50_000);

  return ({ body, chatId, replyTo }) => {
    const uuid = asText(body.uuid);
    if (uuid.length > 50) throw invalidField('uuid');
    const type = asText(body.msg_type);
    const text = checkContent(type, body.content);
    const earlier = byUuid.get(uuid);
    if (earlier !== undefined && earlier.at > now() - uuidLifeMs) return earlier.data;
    if (limitsRates() && !perChat(chatId)) throw new FeishuRefusal(230020);

    const at = now();
    const message = { messageId: `om_${randomId(32)}`, chatId, replyTo };
    const data = { ...describe(message, at), msg_type: type, sender: senderOf(app), body: { content: body.content } };
    if (uuid !== '') byUuid.set(uuid, { at, data });
    chatOfMessage.set(message.messageId, chatId);
    const via = replyTo === null ? 'create' : 'reply';
    log.add({ ...message, text, type, via, uuid: uuid === '' ? null : uuid, at });
    return data;
  };
}

function describe(message: { messageId: string; chatId: string; replyTo: string | null }, at: number): object {
  const { messageId, chatId, replyTo } = message;
  const times = { create_time: String(at), update_time: String(at) };
  const parents = replyTo === null ? {} : { root_id: replyTo, parent_id: replyTo };
  return { message_id: messageId, ...parents, ...times, deleted: false, updated: false, chat_id: chatId };
}

function senderOf({ appId, tenantKey }: LabCredentials['feishu']): object {
  return { id: appId, id_type: 'app_id', sender_type: 'app', tenant_key: tenantKey };
}
