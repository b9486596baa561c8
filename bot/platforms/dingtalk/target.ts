// Target of a DingTalk answer: written by the readers of the channel, stored with the message, read by the sender.
import { z } from 'zod';
import { requireShape } from '../../domain/payload.ts';

const target = z.object({
  robotCode: z.string(),
  conversationId: z.string(),
  group: z.boolean(),
  /**
   * Missing for people outside the company, and for all users until a version of the robot is published
   * (https://github.com/fuxun2008/dingtalk-docs, `zh/open/development/robot-message-type.mdx`, read 2026-11).
   */
  staffId: z.string().optional(),
  webhook: z.object({ url: z.string(), expiresAt: z.number() }).optional(),
});

/** Target of a DingTalk answer: the session webhook until it expires, then the API. */
export type DingtalkTarget = z.infer<typeof target>;

/** @throws PayloadError for a stored target that is none of DingTalk */
export const readDingtalkTarget = (stored: unknown): DingtalkTarget =>
  requireShape(target, stored, 'The stored target');
