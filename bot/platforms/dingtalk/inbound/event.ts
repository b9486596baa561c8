// Events of the subscription, by callback or by stream: a group that ends is told to the bot, the rest is left.
import { z } from 'zod';
import type { PlatformIgnoredReason } from '../../../domain/callback.ts';
import type { InboundMessage } from '../../../domain/message.ts';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { DingtalkTarget } from './message.ts';

const platformEvent = z.looseObject({ EventType: z.string() });
export type PlatformEvent = z.infer<typeof platformEvent>;

/** The end of a group, as the platform's page of `chat_disband` has it; older copies begin names with a capital. */
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

/** The subjects of the events that can be subscribed: people, groups, approvals and the like. */
const KNOWN_TYPES = /^(user|org|label|edu|bpms|chat|check|attendance|meetingroom)_/;

/** Undefined when the JSON is no event. */
export function parseEvent(json: unknown): PlatformEvent | undefined {
  return platformEvent.safeParse(json).data;
}

/**
 * A group that was dissolved becomes a message without text, so that it passes the inbox and counts once. A stream
 * has `EventType`, `CorpId` and `eventId` in the frame's headers and the other fields in its data.
 */
export function readEvent(app: { appKey: string; robotCode: string }, event: PlatformEvent): ReadEvent {
  const { chatId, CorpId, eventId, operator = '' } = disbanded.safeParse(event).data ?? {};
  if (chatId === undefined || CorpId === undefined) {
    return { kind: 'ignored', reason: KNOWN_TYPES.test(event.EventType) ? 'unused_event_type' : 'unknown_event_type' };
  }
  // A group ends only once: where the event has no id of its own, that of the group tells a repetition.
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
      text: '',
      event: 'chat_disbanded',
      target,
    },
  };
}
