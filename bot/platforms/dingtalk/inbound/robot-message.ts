// Parses a DingTalk robot message: https://open.dingtalk.com/document/orgapp/receive-message (read 2026-11).
import { z } from 'zod';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, listOf, optional } from '../../shared/optional.ts';
import { richTextItems } from './rich-text.ts';

const content = z.looseObject({ richText: lenient(richTextItems), recognition: lenient(z.string()) });
const person = z.object({ dingtalkId: lenient(z.string()) });

/** Keeps other members, because a reply can contain the quoted message in any of several members, see `readQuote`. */
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

/** Parses a robot message; returns undefined for other JSON. */
export function parseRobotMessage(json: unknown): RobotMessage | undefined {
  return robotMessage.safeParse(json).data;
}
