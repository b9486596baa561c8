// One short key for a chat, and for a person in a chat, over all platforms.
import { hash } from 'node:crypto';
import type { InboundMessage } from '../channels/channel.ts';

type Where = Pick<InboundMessage, 'platform' | 'appId' | 'chatId'>;

type Who = Pick<InboundMessage, 'externalTenantId' | 'userId'>;

/** Messages with the same key are answered in order. */
export function chatKey({ platform, appId, chatId }: Where): string {
  return digest([platform, appId, chatId]);
}

/** Extent of a conversation in a group: the whole chat, or one topic of it. */
export type GroupSession = 'chat' | 'topic';

type Whose = Where & Who & Pick<InboundMessage, 'chatType' | 'topicId'>;

/** A session belongs to one person in one chat: two people in a group do not share a context. */
export function sessionKey(whose: Whose, scope: GroupSession): string {
  const { platform, appId, externalTenantId, chatId, userId, chatType, topicId } = whose;
  const topic = scope === 'topic' && chatType === 'group' && topicId !== undefined ? [topicId] : [];
  return digest([platform, appId, externalTenantId, chatId, userId, ...topic]);
}

function digest(parts: string[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 40);
}
