// One short key for a chat, and for a person in a chat, over all platforms.
import { hash } from 'node:crypto';
import type { InboundMessage } from '../domain/message.ts';

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

/** Digests kept, some 200 bytes each: most messages come from people who have just written. */
const KEPT = 4_000;
const digests = new Map<string, string>();

function digest(parts: string[]): string {
  const text = JSON.stringify(parts);
  const kept = digests.get(text);
  if (kept !== undefined) return kept;
  const made = hash('sha256', text).slice(0, 40);
  if (digests.size >= KEPT) digests.clear();
  digests.set(text, made);
  return made;
}
