// Reads the message that another one replies to: the event names only its id.

import type { OutboundPart, SendResult } from '../../domain/delivery.ts';
import type { InboundMessage } from '../../domain/message.ts';
import { parseJson } from '../../runtime/json.ts';
import { quoteOf } from '../shared/quote.ts';
import { readContent } from './inbound/content.ts';
import { readPost } from './inbound/post.ts';
import type { Call, FeishuApi, StoredMessage } from './outbound/api.ts';

/** The answer waits for the quotation no longer than this. */
const READ_WITHIN_MS = 3_000;

/**
 * Without the scopes every call would be refused, and calls count against a monthly quota. Private chats and groups
 * need different scopes (https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/get).
 */
const ASK_AGAIN_MS = 3_600_000;

export interface QuotedReaderDeps {
  api: FeishuApi;
  /** Runs a call with a token of the app. */
  withToken(
    app: Pick<OutboundPart, 'appId'>,
    signal: AbortSignal,
    work: (call: Call) => Promise<SendResult>,
  ): Promise<SendResult>;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Never rejects: without its quotation a question is still a question. */
export function createQuotedReader({ api, withToken, clock }: QuotedReaderDeps) {
  const refusedAt = new Map<string, number>();

  async function read(message: InboundMessage, quotedId: string, signal: AbortSignal): Promise<string | undefined> {
    let found: StoredMessage | undefined;
    const result = await withToken(message, AbortSignal.any([signal, AbortSignal.timeout(READ_WITHIN_MS)]), (call) =>
      api.fetchMessage(quotedId, call, (stored) => {
        found = stored;
      }),
    );
    if (result.outcome !== 'sent' && result.failure.class === 'permission') refusedAt.set(scopeOf(message), clock());
    return found && found.chat_id === message.chatId ? textOf(found) : undefined;
  }

  return async (message: InboundMessage, signal: AbortSignal): Promise<string | undefined> => {
    const { quotedId } = message;
    const sinceRefused = clock() - (refusedAt.get(scopeOf(message)) ?? Number.NEGATIVE_INFINITY);
    // A refusal of the future is one before the clock was set back.
    const isRefused = Math.abs(sinceRefused) < ASK_AGAIN_MS;
    if (quotedId === undefined || isRefused) return undefined;
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
