// Reads events of the subscription, received by callback or by stream: a disbanded group, or an event to ignore.
import { z } from 'zod';
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import type { InboundMessage } from '../../../domain/message.ts';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { DingtalkTarget } from '../target.ts';

const platformEvent = z.looseObject({ EventType: z.string() });
export type PlatformEvent = z.infer<typeof platformEvent>;

/** Fields of `chat_disband`, as in DingTalk's documentation. In older copies, names begin with a capital letter. */
const disbanded = z
  .object({
    EventType: z.literal('chat_disband'),
    CorpId: id,
    eventId: optional(id),
    openConversationId: optional(id),
    OpenConversationId: optional(id),
    operator: lenient(idOrEmpty),
  })
  .transform(({ openConversationId, OpenConversationId, ...event }) => ({
    ...event,
    chatId: openConversationId ?? OpenConversationId,
  }));

export type ReadEvent =
  | { kind: 'message'; message: InboundMessage }
  | { kind: 'ignored'; reason: PlatformIgnoredReason };

/** Prefixes of the event types that can be subscribed: people, groups, approvals and others. */
const KNOWN_TYPES = /^(user|org|label|edu|bpms|chat|check|attendance|meetingroom)_/;

/** Parses an event; returns undefined for other JSON. */
export function parseEvent(json: unknown): PlatformEvent | undefined {
  return platformEvent.safeParse(json).data;
}

/**
 * Converts a disbanded group to a message without text, so that the inbox processes it once. In a stream, `EventType`,
 * `CorpId` and `eventId` are headers of the frame, and the other fields are in its data.
 */
export function readEvent(app: { appKey: string; robotCode: string }, event: PlatformEvent): ReadEvent {
  const { chatId, CorpId, eventId, operator = '' } = disbanded.safeParse(event).data ?? {};
  if (chatId === undefined || CorpId === undefined) {
    return { kind: 'ignored', reason: KNOWN_TYPES.test(event.EventType) ? 'unused_event_type' : 'unknown_event_type' };
  }
  // If the event has no id, the group's id detects a redelivery, because a group is disbanded only once.
  const ownId = eventId ?? `disband:${chatId}`.slice(0, 128);
  const target: DingtalkTarget = { robotCode: app.robotCode, conversationId: chatId, group: true };
  return {
    kind: 'message',
    message: {
      platform: 'dingtalk',
      appId: app.appKey,
      messageId: ownId,
      eventId: ownId,
      externalTenantId: CorpId,
      chatId,
      chatType: 'group',
      userId: operator,
      addressed: 'yes',
      text: '',
      event: 'chat_disbanded',
      target,
    },
  };
}
