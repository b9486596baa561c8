// Reads a DingTalk robot message: its sender, its content, and the target of its answer. The same by callback and by stream.
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import { languageOfNames } from '../../../domain/language.ts';
import type { InboundMessage } from '../../../domain/message.ts';
import { contentOf } from './content.ts';
import { readQuote } from './quoted.ts';
import type { RobotMessage } from './robot-message.ts';

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
