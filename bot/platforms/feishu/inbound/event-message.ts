// Builds an `InboundMessage` for events that are not messages (button pressed, bot added, chat disbanded).
import type { InboundMessage } from '../../../domain/message.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuEvent } from './envelope.ts';

interface EventDetails extends Pick<InboundMessage, 'userId' | 'text' | 'event' | 'language'> {
  target: FeishuTarget;
}

/** Returns the message of a group event. The event id is also the message id, so that redelivered events count once. */
export function messageOfEvent({ appId, eventId, tenantKey }: FeishuEvent, details: EventDetails): InboundMessage {
  const ids = { appId, messageId: eventId, eventId, externalTenantId: tenantKey, chatId: details.target.chatId };
  return { platform: 'feishu', ...ids, chatType: 'group', addressed: 'yes', ...details };
}
