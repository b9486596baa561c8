// A DingTalk robot message and what its text is.
import { z } from 'zod';
import type { IgnoredReason, InboundMessage } from '../channel.ts';
import { cleanText, isBlank } from '../text.ts';

const id = z.string().min(1).max(128);

const robotMessage = z.object({
  msgId: id,
  conversationId: id,
  conversationType: z.enum(['1', '2']),
  chatbotCorpId: id,
  senderId: id,
  senderStaffId: z.string().max(128).optional(),
  robotCode: z.string().optional(),
  sessionWebhook: z.string().optional(),
  sessionWebhookExpiredTime: z.number().optional(),
  msgtype: z.string(),
  text: z.object({ content: z.string() }).optional(),
  content: z
    .union([
      z.string(),
      z.looseObject({ richText: z.array(z.looseObject({ text: z.string().optional() })).optional() }),
    ])
    .optional(),
});
export type RobotMessage = z.infer<typeof robotMessage>;

/** Where a DingTalk answer goes: the session's webhook while it lives, the API afterwards. */
export interface DingtalkTarget {
  robotCode: string;
  conversationId: string;
  group: boolean;
  staffId?: string;
  webhook?: { url: string; expiresAt: number };
}

export type ReadMessage =
  | { kind: 'message'; message: InboundMessage }
  | { kind: 'ignored'; reason: IgnoredReason; messageId: string };

/** Undefined when the JSON is no robot message. */
export function parseRobotMessage(json: unknown): RobotMessage | undefined {
  return robotMessage.safeParse(json).data;
}

/** `robotCode` is the app's configured one: the signature does not cover the body, so the body may not choose it. */
export function readMessage(app: { appKey: string; robotCode: string }, raw: RobotMessage): ReadMessage {
  const messageId = raw.msgId;
  const found = textOf(raw);
  if (found === undefined) return { kind: 'ignored', reason: 'not_text', messageId };
  const text = cleanText(found);
  if (isBlank(text)) return { kind: 'ignored', reason: 'empty_text', messageId };
  return {
    kind: 'message',
    message: {
      platform: 'dingtalk',
      appId: app.appKey,
      messageId,
      eventId: messageId,
      externalTenantId: raw.chatbotCorpId,
      chatId: raw.conversationId,
      chatType: raw.conversationType === '2' ? 'group' : 'p2p',
      userId: raw.senderStaffId || raw.senderId,
      text,
      target: targetOf(app.robotCode, raw),
    },
  };
}

function textOf(raw: RobotMessage): string | undefined {
  if (raw.msgtype === 'text') return raw.text?.content ?? (typeof raw.content === 'string' ? raw.content : undefined);
  if (raw.msgtype !== 'richText' || typeof raw.content !== 'object') return undefined;
  return raw.content.richText?.map((item) => item.text ?? '').join('');
}

function targetOf(robotCode: string, raw: RobotMessage): DingtalkTarget {
  const { sessionWebhook, sessionWebhookExpiredTime, senderStaffId } = raw;
  return {
    robotCode,
    conversationId: raw.conversationId,
    group: raw.conversationType === '2',
    ...(senderStaffId ? { staffId: senderStaffId } : {}),
    ...(sessionWebhook ? { webhook: { url: sessionWebhook, expiresAt: sessionWebhookExpiredTime ?? 0 } } : {}),
  };
}
