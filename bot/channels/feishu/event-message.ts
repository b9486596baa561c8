// The message that something else than a message stands for.
import type { InboundMessage } from '../channel.ts';
import type { FeishuEvent } from './envelope.ts';
import type { FeishuTarget } from './target.ts';

interface About extends Pick<InboundMessage, 'userId' | 'text' | 'event'> {
  target: FeishuTarget;
}

/** Such things are told of groups. The event's own id stands for a message id, so that it counts once however often it is delivered. */
export function messageOfEvent({ appId, eventId, tenantKey }: FeishuEvent, about: About): InboundMessage {
  const ids = { appId, messageId: eventId, eventId, externalTenantId: tenantKey, chatId: about.target.chatId };
  return { platform: 'feishu', ...ids, chatType: 'group', ...about };
}
