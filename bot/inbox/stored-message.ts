// The stored form of a message in the inbox.
import { z } from 'zod';
import type { InboundMessage } from '../domain/message.ts';
import { decodePayload, encodePayload, requireShape } from '../domain/payload.ts';

const messageSchema = z.looseObject({
  platform: z.string(),
  appId: z.string(),
  messageId: z.string(),
  eventId: z.string(),
  externalTenantId: z.string(),
  chatId: z.string(),
  chatType: z.enum(['p2p', 'group']),
  userId: z.string(),
  text: z.string(),
  quote: z.string().optional(),
  quotedId: z.string().optional(),
  topicId: z.string().optional(),
  language: z.enum(['en', 'zh']).optional(),
  attachment: z.string().optional(),
  event: z.string().optional(),
  addressed: z.enum(['yes', 'no', 'unknown']).optional(),
  mentions: z.array(z.string()).optional(),
  target: z.unknown(),
} satisfies Record<keyof InboundMessage, z.ZodType>);

export const encodeMessage = (message: InboundMessage): string => encodePayload(message);

/**
 * Reads a message. Rows of version 0.1 have no `addressed`, and `mentions` only while the bot's own id was unknown.
 * @throws PayloadError for a row that this program cannot read
 */
export function decodeMessage(payload: string): InboundMessage {
  const data = requireShape(messageSchema, decodePayload(payload), 'The stored message');
  const addressed = data.addressed ?? (data.mentions ? 'unknown' : 'yes');
  return { ...data, addressed } as unknown as InboundMessage; // kinds of attachments and events are open for newer rows
}

const textSchema = z.looseObject({ text: z.string() });

/** Text of a stored message, also if other members are unreadable; empty if there is none. */
export function textOfMessage(payload: string): string {
  try {
    return textSchema.safeParse(decodePayload(payload)).data?.text ?? '';
  } catch {
    return '';
  }
}
