// Accepts one message from the bot: checks content, idempotency key and rate, in this order.

import { BoundedMap } from '../common/bounded-map.ts';
import { derivedId, randomId } from '../common/ids.ts';
import { asText } from '../common/json-body.ts';
import { createRateWindow } from '../common/rate-window.ts';
import type { SentLog, SentMessage } from '../common/sent-log.ts';
import type { LabCredentials } from '../credentials.ts';
import { checkContent } from './check-content.ts';
import { FeishuApiError, invalidField } from './errors.ts';
import type { MessageStore } from './message-store.ts';

const uuidLifeMs = 3_600_000;

/** A send or reply request with its resolved receiver. */
export interface SendRequest {
  body: Record<string, unknown>;
  chatId: string;
  /** Id of the message that a reply answers. */
  replyTo: string | null;
}

/** Dependencies of accepting a message. */
export interface AcceptDeps {
  app: LabCredentials['feishu'];
  messages: MessageStore;
  log: SentLog;
  /** Returns true if the limit of 5 messages a second per chat applies. */
  limitsRates(): boolean;
  /** Returns true if chats have threads. */
  allowsThreads(): boolean;
  now(): number;
}

/**
 * Creates the function that accepts a message and returns the `data` of the answer. The function throws
 * `FeishuApiError` with the platform's code if it rejects the message.
 */
export function createAccept(deps: AcceptDeps): (request: SendRequest) => object {
  const { messages, log, limitsRates, allowsThreads, now } = deps;
  const perChat = createRateWindow(5, 1_000, now);
  const byUuid = new BoundedMap<string, { at: number; data: object }>(50_000);

  return ({ body, chatId, replyTo }) => {
    const uuid = asText(body.uuid);
    if (uuid.length > 50) throw invalidField('uuid');
    const via = viaOf(replyTo, body.reply_in_thread);
    if (via === 'thread' && !allowsThreads()) throw new FeishuApiError(230071);
    const text = checkContent(body);
    const earlier = byUuid.get(uuid);
    if (earlier !== undefined && earlier.at > now() - uuidLifeMs) return earlier.data;
    if (limitsRates() && !perChat(chatId)) throw new FeishuApiError(230020);

    const message: SentMessage = {
      messageId: `om_${randomId(32)}`,
      chatId,
      text,
      type: asText(body.msg_type),
      via,
      uuid: uuid || null,
      replyTo,
      at: now(),
    };
    const data = describeSent(message, { content: body.content, app: deps.app });
    if (uuid !== '') byUuid.set(uuid, { at: message.at, data });
    messages.set(message.messageId, { chatId, sent: message, stored: data });
    log.add(message);
    return data;
  };
}

function viaOf(replyTo: string | null, inThread: unknown): string {
  if (replyTo === null) return 'create';
  return inThread === true ? 'thread' : 'reply';
}

interface MessageOrigin {
  content: unknown;
  app: LabCredentials['feishu'];
}

function describeSent(
  { messageId, chatId, type, via, replyTo, at }: SentMessage,
  { content, app }: MessageOrigin,
): object {
  return {
    message_id: messageId,
    ...(replyTo === null ? {} : { root_id: replyTo, parent_id: replyTo }),
    ...(via === 'thread' ? { thread_id: `omt_${derivedId('thread', replyTo ?? '')}` } : {}),
    create_time: String(at),
    update_time: String(at),
    deleted: false,
    updated: false,
    chat_id: chatId,
    msg_type: type,
    sender: { id: app.appId, id_type: 'app_id', sender_type: 'app', tenant_key: app.tenantKey },
    body: { content },
  };
}
