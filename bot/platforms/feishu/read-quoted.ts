// Fetches the text of a quoted message, because the event of a reply contains only its id.

import type { InboundMessage } from '../../domain/message.ts';
import { parseJson } from '../../runtime/json.ts';
import { withTimeLimit } from '../../runtime/with-time-limit.ts';
import { quoteOf } from '../shared/quote.ts';
import { readContent } from './inbound/content.ts';
import { readPost } from './inbound/post.ts';
import type { FeishuApi, StoredMessage, WithToken } from './outbound/api.ts';

/** Maximum delay of an answer by the quoted message. */
export const READ_TIMEOUT_MS = 3_000;

/**
 * Pause after a missing scope. Each further call would fail too, and calls count against a monthly quota. Private chats
 * and groups need different scopes
 * (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/get, read 2026-11).
 */
export const RETRY_AFTER_MS = 3_600_000;

export interface QuotedReaderDeps {
  api: FeishuApi;
  withToken: WithToken;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Returns a function that fetches the quoted text. It never rejects, because a message can be answered without it. */
export function createQuotedReader({ api, withToken, clock }: QuotedReaderDeps) {
  const deniedAt = new Map<string, number>();

  async function read(message: InboundMessage, quotedId: string, signal: AbortSignal): Promise<string | undefined> {
    const result = await withTimeLimit(signal, READ_TIMEOUT_MS, (limited) =>
      withToken(message, limited, (call) => api.fetchMessage(quotedId, call)),
    );
    if (result.outcome === 'found') return result.value.chat_id === message.chatId ? textOf(result.value) : undefined;
    if (result.failure.class === 'permission') deniedAt.set(scopeOf(message), clock());
    return undefined;
  }

  return async (message: InboundMessage, signal: AbortSignal): Promise<string | undefined> => {
    const { quotedId } = message;
    const sinceDenied = clock() - (deniedAt.get(scopeOf(message)) ?? Number.NEGATIVE_INFINITY);
    // If the last rejection lies in the future, the clock was set back, so the difference counts in both directions.
    const isDenied = Math.abs(sinceDenied) < RETRY_AFTER_MS;
    if (quotedId === undefined || isDenied) return undefined;
    return read(message, quotedId, signal).catch(() => undefined);
  };
}

function scopeOf({ appId, chatType }: InboundMessage): string {
  return `${appId} ${chatType}`;
}

function textOf({ msg_type, body, deleted, mentions = [] }: StoredMessage): string | undefined {
  if (deleted) return undefined;
  const names = new Map(mentions.map(({ key, name }) => [key, `@${name || 'someone'}`]));
  if (msg_type === 'interactive') return quoteOf(readPost(parseJson(body.content), names).text) ?? '[card]';
  const read = readContent(msg_type, body.content, names);
  if ('text' in read) return quoteOf(read.text);
  return 'attachment' in read ? `[${read.attachment}]` : undefined;
}
