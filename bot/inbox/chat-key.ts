// One short key for a chat, and for a person in a chat, over all platforms.
import { createHash } from 'node:crypto';
import type { InboundMessage } from '../channels/channel.ts';

type Where = Pick<InboundMessage, 'platform' | 'appId' | 'chatId'>;

type Who = Pick<InboundMessage, 'externalTenantId' | 'userId'>;

/** Messages with the same key are answered in order. */
export function chatKey({ platform, appId, chatId }: Where): string {
  return digest([platform, appId, chatId]);
}

/** A session belongs to one person in one chat: two people in a group do not share a context. */
export function sessionKey({ platform, appId, externalTenantId, chatId, userId }: Where & Who): string {
  return digest([platform, appId, externalTenantId, chatId, userId]);
}

function digest(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
