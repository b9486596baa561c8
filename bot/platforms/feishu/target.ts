// Target of a Feishu answer: written by the readers of the channel, stored with the message, read by the sender.
import { z } from 'zod';
import { requireShape } from '../../domain/payload.ts';

const target = z.object({
  chatId: z.string(),
  chatType: z.enum(['p2p', 'group']).optional(),
  /** Message to reply to; missing for chat events. */
  messageId: z.string().optional(),
  /** Thread of the message. */
  threadId: z.string().optional(),
});

export type FeishuTarget = z.infer<typeof target>;

/** @throws PayloadError for a stored target that is none of Feishu */
export const readFeishuTarget = (stored: unknown): FeishuTarget => requireShape(target, stored, 'The stored target');
