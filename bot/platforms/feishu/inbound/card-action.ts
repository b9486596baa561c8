// Reads an action on a card: the `say` text of a pressed button becomes a message of the person who pressed it.
import { z } from 'zod';
import { id } from '../../shared/id.ts';
import { cleanText, isBlank } from '../../shared/text.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuEvent } from './envelope.ts';
import { messageOfEvent } from './event-message.ts';
import type { ReadEvent } from './read-event.ts';

const buttonValue = z.object({ say: z.string() });
/** Buttons have a `value` only if the card defines one. Forms, menus, pickers and checkboxes have other members. */
const cardAction = z.object({
  operator: z.object({ open_id: id }),
  action: z.object({ value: buttonValue }),
  context: z.object({ open_message_id: id, open_chat_id: id }),
});

const toasts = {
  info: { en: 'Got it, one moment.', zh: '收到，请稍候。' },
  warning: { en: 'This button does nothing here.', zh: '此按钮在这里不起作用。' },
} as const;

/**
 * Reads any shape of an action without rejecting it. Without HTTP 200 within 3 s, Feishu shows the person an error
 * (https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/handle-card-callbacks, read 2026-11). The answer
 * to the text is a reply to the card.
 */
export function readCardAction(event: FeishuEvent): ReadEvent {
  const { operator, action, context } = cardAction.safeParse(event.body).data ?? {};
  const text = cleanText(action?.value.say ?? '');
  if (!operator || !context || isBlank(text)) {
    return { kind: 'ignored', reason: 'unused_event_type', body: toast('warning') };
  }
  const { open_chat_id: chatId, open_message_id: messageId } = context;
  // The callback does not contain the type of the chat. `group` makes the answer a reply to the card.
  const target: FeishuTarget = { chatId, chatType: 'group', messageId };
  const message = messageOfEvent(event, { userId: operator.open_id, text, target });
  return { kind: 'message', body: toast('info'), message };
}

/** Returns a toast in Chinese and English. Clients in other languages show `content`. */
function toast(type: keyof typeof toasts): object {
  const { en, zh } = toasts[type];
  return { toast: { type, content: en, i18n: { zh_cn: zh, en_us: en } } };
}
