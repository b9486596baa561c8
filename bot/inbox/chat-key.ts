// Hashes the ids of a chat, and of a person in a chat, into one short key over all platforms.
import { hash } from 'node:crypto';
import type { InboundMessage } from '../domain/message.ts';

type ChatIds = Pick<InboundMessage, 'platform' | 'appId' | 'chatId'>;

type PersonIds = Pick<InboundMessage, 'externalTenantId' | 'userId'>;

/** Returns the key of a chat. Messages with the same key are answered in order. */
export function chatKey({ platform, appId, chatId }: ChatIds): string {
  return digest([platform, appId, chatId]);
}

/** Scope of a session in a group: the chat, or one topic of the chat. */
export type GroupSession = 'chat' | 'topic';

type SessionIds = ChatIds & PersonIds & Pick<InboundMessage, 'chatType' | 'topicId'>;

/** Returns the key of a session. A session belongs to one person, so two people in a group do not share a context. */
export function sessionKey(ids: SessionIds, scope: GroupSession): string {
  const { platform, appId, externalTenantId, chatId, userId, chatType, topicId } = ids;
  const topic = scope === 'topic' && chatType === 'group' && topicId !== undefined ? [topicId] : [];
  return digest([platform, appId, externalTenantId, chatId, userId, ...topic]);
}

/** Maximum number of cached digests, about 200 bytes each. Most messages come from recently active people. */
const MAX_CACHED = 4_000;
const digests = new Map<string, string>();

function digest(parts: string[]): string {
  const text = JSON.stringify(parts);
  const cached = digests.get(text);
  if (cached !== undefined) return cached;
  const computed = hash('sha256', text).slice(0, 40);
  if (digests.size >= MAX_CACHED) digests.clear();
  digests.set(text, computed);
  return computed;
}
