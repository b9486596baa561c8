// Sends one part in the best format and destination that Feishu accepts. Replaces the "thinking" card if there is one.
import type { OutboundPart, SendResult } from '../../../domain/delivery.ts';
import type { FeishuSettings } from '../app.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuApi, FeishuCall, FeishuDestination } from './api.ts';
import { isFormatRejection, isTargetRejection } from './codes.ts';
import { cardOf, type FeishuFormat, type FeishuMessage, formatsFor, renderFeishu, textOf } from './render.ts';

/** A part with its target, read and checked. */
export interface FeishuPart extends OutboundPart {
  target: FeishuTarget;
}

export interface SenderOptions {
  api: FeishuApi;
  format: FeishuSettings['FEISHU_REPLY_FORMAT'];
  mode: FeishuSettings['FEISHU_REPLY_MODE'];
}

export interface FeishuSender {
  send(part: FeishuPart, call: FeishuCall): Promise<SendResult>;
  /** Sends a card or fails, because only a card can be updated later. */
  sendCard(part: FeishuPart, call: FeishuCall): Promise<SendResult>;
}

/** Sends each attempt of a part with the same `uuid`. A rejected request does not use it up, so one message appears. */
export function createFeishuSender({ api, format, mode }: SenderOptions): FeishuSender {
  async function sendNew(part: FeishuPart, formats: readonly FeishuFormat[], call: FeishuCall): Promise<SendResult> {
    const { target } = part;
    let destination = destinationOf(target, mode);
    let [best = 'text', ...others] = formats;
    for (;;) {
      const result = await api.post(destination, { ...messageOf(part, best), uuid: part.idempotencyKey }, call);
      if (result.outcome === 'sent') return result;
      const [next, ...rest] = others;
      if ('replyTo' in destination && isTargetRejection(result.failure.code)) destination = { chatId: target.chatId };
      else if (next && isFormatRejection(result.failure.code)) [best, others] = [next, rest];
      else return result;
    }
  }

  return {
    async send(part, call) {
      if (part.plain) return sendNew(part, ['text'], call);
      if (part.replaces !== undefined) {
        const replaced = await api.patch(part.replaces, cardOf(part.text), call);
        // If the card is gone, too old or cannot be updated, send a new message, because the answer must arrive.
        const isDenied = replaced.outcome !== 'sent' && replaced.failure.class === 'permission';
        if (replaced.outcome !== 'dead' && !isDenied) return replaced;
      }
      return sendNew(part, formatsFor(part.text, format), call);
    },
    sendCard: (part, call) => sendNew(part, ['card'], call),
  };
}

function messageOf({ plain, text }: OutboundPart, format: FeishuFormat): FeishuMessage {
  return plain ? textOf(text) : renderFeishu(format, text);
}

/** Returns the destination. With `auto`: the question's thread, else a reply in groups, else the private chat. */
function destinationOf(
  { chatId, chatType, messageId, threadId }: FeishuTarget,
  mode: SenderOptions['mode'],
): FeishuDestination {
  const plain = mode === 'chat' || (mode === 'auto' && chatType !== 'group' && threadId === undefined);
  if (messageId === undefined || plain) return { chatId };
  return { replyTo: messageId, inThread: mode === 'thread' || threadId !== undefined };
}
