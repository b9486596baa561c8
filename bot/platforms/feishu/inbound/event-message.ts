// Builds an `InboundMessage` for events that are not messages (button pressed, bot added, chat disbanded).
import type { InboundMessage } from '../../../domain/message.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuEvent } from './envelope.ts';

interface About extends Pick<InboundMessage, 'userId' | 'text' | 'event' | 'language'> {
  target: FeishuTarget;
}

/** The events come from groups. Their own id serves as message id, so that a redelivered event counts once. */
export function messageOfEvent({ appId, eventId, tenantKey }: FeishuEvent, about: About): InboundMessage {
  const ids = { appId, messageId: eventId, eventId, externalTenantId: tenantKey, chatId: about.target.chatId };
  return { platform: 'feishu', ...ids, chatType: 'group', ...about };
}
