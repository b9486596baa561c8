// Reads the sender, the content and the reply target of a DingTalk robot message, received by callback or by stream.
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import { languageOfNames } from '../../../domain/language.ts';
import type { Addressed, InboundMessage } from '../../../domain/message.ts';
import type { DingtalkTarget } from '../target.ts';
import { contentOf } from './content.ts';
import { readQuote } from './quoted.ts';
import type { RobotMessage } from './robot-message.ts';

export type ReadMessage =
  | { kind: 'message'; message: InboundMessage }
  | { kind: 'ignored'; reason: PlatformIgnoredReason; messageId: string };

/** Reads a message. Uses the configured `robotCode`, because the signature does not cover the one in the body. */
export function readMessage(app: { appKey: string; robotCode: string }, raw: RobotMessage): ReadMessage {
  const messageId = raw.msgId;
  const group = raw.conversationType === '2';
  const addressed = addressedOf(raw);
  if (addressed === 'no') return { kind: 'ignored', reason: 'not_mentioned', messageId };
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
      addressed,
      ...found,
      ...contextOf(raw),
      target: targetOf(app.robotCode, raw),
    },
  };
}

/** Decides whether a message is for the bot. In a group, `isInAtList` is false if the bot is not mentioned. */
function addressedOf({ conversationType, isInAtList }: RobotMessage): Addressed {
  return conversationType === '2' && isInAtList === false ? 'no' : 'yes';
}

/**
 * Returns the staff id of a sender of the robot's own corporation. In a group with other corporations, a sender of
 * another one may have the same staff id. Fields: https://open.dingtalk.com/document/orgapp/receive-message (read
 * 2026-11).
 */
function staffIdOf({ senderStaffId, senderCorpId, chatbotCorpId }: RobotMessage): string | undefined {
  return senderStaffId && (!senderCorpId || senderCorpId === chatbotCorpId) ? senderStaffId : undefined;
}

function contextOf(raw: RobotMessage) {
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
