// Sends one part: by the best format and place the platform takes, and in place of the message that said the bot is thinking.

import type { OutboundPart, SendResult } from '../../../domain/delivery.ts';
import type { FeishuSettings } from '../app.ts';
import type { FeishuTarget } from '../target.ts';
import type { Call, FeishuApi, Place } from './api.ts';
import { isFormatRejection, isTargetRejection } from './codes.ts';
import { cardOf, type FeishuFormat, formatsFor, type Rendered, renderFeishu, textOf } from './render.ts';

export interface SenderOptions {
  api: FeishuApi;
  format: FeishuSettings['FEISHU_REPLY_FORMAT'];
  mode: FeishuSettings['FEISHU_REPLY_MODE'];
}

export interface FeishuSender {
  send(part: OutboundPart, call: Call): Promise<SendResult>;
  /** A card and nothing else: what is shown can be updated, or is not shown. */
  sendCard(part: OutboundPart, call: Call): Promise<SendResult>;
}

/** All attempts of one part carry its key: a refused request has not used it up, so at most one is shown. */
export function createFeishuSender({ api, format, mode }: SenderOptions): FeishuSender {
  async function sendNew(part: OutboundPart, formats: readonly FeishuFormat[], call: Call): Promise<SendResult> {
    const target = part.target as FeishuTarget; // written by this channel's own readers
    let place = placeOf(target, mode);
    let [best = 'text', ...others] = formats;
    for (;;) {
      const result = await api.post(place, { ...messageOf(part, best), uuid: part.idempotencyKey }, call);
      if (result.outcome === 'sent') return result;
      const [next, ...rest] = others;
      if ('replyTo' in place && isTargetRejection(result.failure.code)) place = { chatId: target.chatId };
      else if (next && isFormatRejection(result.failure.code)) [best, others] = [next, rest];
      else return result;
    }
  }

  return {
    async send(part, call) {
      if (part.plain) return sendNew(part, ['text'], call);
      if (part.replaces !== undefined) {
        const replaced = await api.patch(part.replaces, cardOf(part.text), call);
        // The message is gone, too old or takes no such change: what matters is that the answer is read.
        const refused = replaced.outcome !== 'sent' && replaced.failure.class === 'permission';
        if (replaced.outcome !== 'failed' && !refused) return replaced;
      }
      return sendNew(part, formatsFor(part.text, format), call);
    },
    sendCard: (part, call) => sendNew(part, ['card'], call),
  };
}

function messageOf({ plain, text }: OutboundPart, format: FeishuFormat): Rendered {
  return plain ? textOf(text) : renderFeishu(format, text);
}

/** `auto`: in the thread when the question was in one, as a reply in groups, plainly in private chats. */
function placeOf({ chatId, chatType, messageId, threadId }: FeishuTarget, mode: SenderOptions['mode']): Place {
  const plain = mode === 'chat' || (mode === 'auto' && chatType !== 'group' && threadId === undefined);
  if (messageId === undefined || plain) return { chatId };
  return { replyTo: messageId, inThread: mode === 'thread' || threadId !== undefined };
}
