// Feishu's events, schema 1.0 and 2.0, and what a text message is in them.
import { z } from 'zod';
import type { IgnoredReason, InboundMessage } from '../channel.ts';
import { cleanText, isBlank } from '../text.ts';

const id = z.string().min(1).max(128);

const anySender = z.object({ sender: z.object({ sender_type: z.string() }) });

const messageV2 = z.object({
  sender: z.object({ sender_id: z.object({ open_id: id }) }),
  message: z.object({
    message_id: id,
    chat_id: id,
    chat_type: z.string(),
    message_type: z.string(),
    content: z.string(),
    mentions: z.array(z.object({ key: z.string() })).optional(),
  }),
});

/** Schema 2.0 carries `schema` and `header`; everything else is 1.0. */
const envelopeV2 = z.object({
  schema: z.literal('2.0'),
  header: z.object({ event_id: id, event_type: z.string(), token: z.string(), app_id: id, tenant_key: id }),
  event: z.unknown(),
});

const envelopeV1 = z.object({
  uuid: id,
  token: z.string(),
  type: z.literal('event_callback'),
  event: z.looseObject({ type: z.string(), app_id: id, tenant_key: id }),
});

const messageV1 = z.object({
  open_message_id: id,
  open_chat_id: id,
  open_id: id,
  chat_type: z.string(),
  msg_type: z.string(),
  text: z.string().optional(),
  text_without_at_bot: z.string().optional(),
});

const textContent = z.object({ text: z.string() });

/** What both schemas have in common once read. */
export interface FeishuEvent {
  token: string;
  appId: string;
  eventId: string;
  tenantKey: string;
  eventType: string;
  body: unknown;
}

/** Undefined when the JSON is no event of either schema. */
export function readEnvelope(json: unknown): FeishuEvent | undefined {
  const v2 = envelopeV2.safeParse(json);
  if (v2.success) {
    const { header, event } = v2.data;
    return {
      token: header.token,
      appId: header.app_id,
      eventId: header.event_id,
      tenantKey: header.tenant_key,
      eventType: header.event_type,
      body: event,
    };
  }
  const v1 = envelopeV1.safeParse(json);
  if (!v1.success) return undefined;
  const { uuid, token, event } = v1.data;
  return {
    token,
    appId: event.app_id,
    eventId: uuid,
    tenantKey: event.tenant_key,
    eventType: event.type,
    body: event,
  };
}

export type ReadMessage =
  | { kind: 'message'; message: InboundMessage }
  | { kind: 'ignored'; reason: IgnoredReason; messageId?: string }
  | { kind: 'malformed' };

/** Where a Feishu answer goes. */
export interface FeishuTarget {
  chatId: string;
}

interface Found {
  messageId: string;
  chatId: string;
  chatType: string;
  userId: string;
  type: string;
  /** Undefined when the content could not be read, as with a message recalled before it was delivered. */
  text: string | undefined;
}

/** Reads `im.message.receive_v1` (schema 2.0) or `message` (1.0) into a message. */
export function readMessage(event: FeishuEvent): ReadMessage {
  const found = event.eventType === 'im.message.receive_v1' ? readV2(event.body) : readV1(event);
  if (found === undefined) return { kind: 'malformed' };
  if (typeof found === 'string') return { kind: 'ignored', reason: found };
  const { messageId } = found;
  if (found.type !== 'text') return { kind: 'ignored', reason: 'not_text', messageId };
  const text = cleanText(found.text ?? '');
  if (isBlank(text)) return { kind: 'ignored', reason: 'empty_text', messageId };
  const target: FeishuTarget = { chatId: found.chatId };
  return {
    kind: 'message',
    message: {
      platform: 'feishu',
      appId: event.appId,
      messageId,
      eventId: event.eventId,
      externalTenantId: event.tenantKey,
      chatId: found.chatId,
      chatType: found.chatType === 'group' ? 'group' : 'p2p',
      userId: found.userId,
      text,
      target,
    },
  };
}

function readV2(body: unknown): Found | IgnoredReason | undefined {
  // Only people are answered: two bots in one group would talk for ever. A bot need not have an `open_id`.
  const from = anySender.safeParse(body);
  if (!from.success) return undefined;
  if (from.data.sender.sender_type !== 'user') return 'bot_sender';
  const parsed = messageV2.safeParse(body);
  if (!parsed.success) return undefined;
  const { sender, message } = parsed.data;
  return {
    messageId: message.message_id,
    chatId: message.chat_id,
    chatType: message.chat_type,
    userId: sender.sender_id.open_id,
    type: message.message_type,
    text: withoutMentions(readText(message.content), message.mentions ?? []),
  };
}

function readV1(event: FeishuEvent): Found | IgnoredReason | undefined {
  if (event.eventType !== 'message') return 'unknown_event_type';
  const parsed = messageV1.safeParse(event.body);
  if (!parsed.success) return undefined;
  const message = parsed.data;
  return {
    messageId: message.open_message_id,
    chatId: message.open_chat_id,
    chatType: message.chat_type,
    userId: message.open_id,
    type: message.msg_type,
    text: message.text_without_at_bot ?? message.text,
  };
}

function readText(content: string): string | undefined {
  try {
    return textContent.parse(JSON.parse(content)).text;
  } catch {
    return undefined;
  }
}

/** `@_user_1` and its like stand where somebody was mentioned; the model is not told who. */
function withoutMentions(text: string | undefined, mentions: { key: string }[]): string | undefined {
  // Longest first: `@_user_1` is also how `@_user_12` begins.
  const keys = mentions.map(({ key }) => key).toSorted((a, b) => b.length - a.length);
  return keys.reduce((rest, key) => rest?.replaceAll(key, ''), text);
}
