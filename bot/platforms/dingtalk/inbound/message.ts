// A DingTalk robot message: its shape, its sender, and the target of its answer. The same by callback and by stream.
import { z } from 'zod';
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import { languageOfNames } from '../../../domain/language.ts';
import type { InboundMessage } from '../../../domain/message.ts';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, listOf, optional } from '../../shared/optional.ts';
import { contentOf } from './content.ts';
import { readQuote } from './quoted.ts';
import { richTextItems } from './rich-text.ts';

const content = z.looseObject({ richText: lenient(richTextItems), recognition: lenient(z.string()) });
const person = z.object({ dingtalkId: lenient(z.string()) });

/** Loose, because a reply has its quotation in any of several members, see `readQuote`. */
const robotMessage = z.looseObject({
  msgId: id,
  conversationId: id,
  conversationType: z.enum(['1', '2']),
  conversationTitle: lenient(z.string()),
  chatbotCorpId: id,
  chatbotUserId: lenient(z.string()),
  atUsers: lenient(listOf(person)),
  senderId: id,
  senderNick: lenient(z.string()),
  senderStaffId: optional(idOrEmpty),
  senderCorpId: optional(idOrEmpty),
  robotCode: optional(z.string()),
  isInAtList: lenient(z.boolean()),
  sessionWebhook: optional(z.string()),
  sessionWebhookExpiredTime: lenient(z.coerce.number()),
  msgtype: z.string(),
  text: optional(z.looseObject({ content: optional(z.string()) })),
  content: optional(z.union([z.string(), content])),
});
export type RobotMessage = z.infer<typeof robotMessage>;

/** Where a DingTalk answer goes: the session's webhook while it lives, the API afterwards. */
export interface DingtalkTarget {
  robotCode: string;
  conversationId: string;
  group: boolean;
  /** Missing for people outside the company, and for everybody until the robot's version is published. */
  staffId?: string;
  webhook?: { url: string; expiresAt: number };
}

export type ReadMessage =
  | { kind: 'message'; message: InboundMessage }
  | { kind: 'ignored'; reason: PlatformIgnoredReason; messageId: string };

/** Undefined when the JSON is no robot message. */
export function parseRobotMessage(json: unknown): RobotMessage | undefined {
  return robotMessage.safeParse(json).data;
}

/** `robotCode` is the app's configured one: the signature does not cover the body, so the body may not choose it. */
export function readMessage(app: { appKey: string; robotCode: string }, raw: RobotMessage): ReadMessage {
  const messageId = raw.msgId;
  const group = raw.conversationType === '2';
  if (group && raw.isInAtList === false) return { kind: 'ignored', reason: 'not_mentioned', messageId };
  const found = contentOf(raw);
  if (typeof found === 'string') return { kind: 'ignored', reason: found, messageId };
  return {
    kind: 'message',
    message: {
      platform: 'dingtalk',
      appId: app.appKey,
      messageId,
      eventId: messageId,
      externalTenantId: raw.chatbotCorpId,
      chatId: raw.conversationId,
      chatType: group ? 'group' : 'p2p',
      userId: staffIdOf(raw) ?? raw.senderId,
      ...found,
      ...aboutOf(raw),
      target: targetOf(app.robotCode, raw),
    },
  };
}

/**
 * A staff id means a person of the robot's own corporation only: in a group with other corporations, a stranger's staff
 * id may be the same. Fields: https://open.dingtalk.com/document/orgapp/receive-message
 */
function staffIdOf({ senderStaffId, senderCorpId, chatbotCorpId }: RobotMessage): string | undefined {
  return senderStaffId && (!senderCorpId || senderCorpId === chatbotCorpId) ? senderStaffId : undefined;
}

function aboutOf(raw: RobotMessage) {
  const quote = readQuote(raw);
  const language = languageOfNames(raw.senderNick, raw.conversationTitle);
  return { ...(quote ? { quote } : {}), ...(language ? { language } : {}) };
}

function targetOf(robotCode: string, raw: RobotMessage): DingtalkTarget {
  const { sessionWebhook, sessionWebhookExpiredTime } = raw;
  const staffId = staffIdOf(raw);
  return {
    robotCode,
    conversationId: raw.conversationId,
    group: raw.conversationType === '2',
    ...(staffId ? { staffId } : {}),
    ...(sessionWebhook ? { webhook: { url: sessionWebhook, expiresAt: sessionWebhookExpiredTime ?? 0 } } : {}),
  };
}
