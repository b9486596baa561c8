// An action on a card: the words of a pressed button become a message of the person who pressed it.
import { z } from 'zod';
import { id } from '../../shared/id.ts';
import { cleanText, isBlank } from '../../shared/text.ts';
import type { FeishuTarget } from '../target.ts';
import type { FeishuEvent } from './envelope.ts';
import { messageOfEvent } from './event-message.ts';
import type { ReadEvent } from './read-event.ts';

const saying = z.object({ say: z.string() });
/** Buttons have a `value` only if the card gives them one; forms, menus, pickers and checkboxes bring other members. */
const pressed = z.object({
  operator: z.object({ open_id: id }),
  action: z.object({ value: saying }),
  context: z.object({ open_message_id: id, open_chat_id: id }),
});

const toasts = {
  info: { en: 'Got it, one moment.', zh: '收到，请稍候。' },
  warning: { en: 'This button does nothing here.', zh: '此按钮在这里不起作用。' },
} as const;

/**
 * Anything but HTTP 200 within 3 s shows the person an error, so no shape of an action is malformed
 * (https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/handle-card-callbacks). The answer to the words
 * comes as a reply to the card.
 */
export function readCardAction(event: FeishuEvent): ReadEvent {
  const { operator, action, context } = pressed.safeParse(event.body).data ?? {};
  const text = cleanText(action?.value.say ?? '');
  if (!operator || !context || isBlank(text)) {
    return { kind: 'ignored', reason: 'unused_event_type', body: toast('warning') };
  }
  const { open_chat_id: chatId, open_message_id: messageId } = context;
  // The callback does not name the kind of chat. As in a group, the answer is a reply to the card.
  const target: FeishuTarget = { chatId, chatType: 'group', messageId };
  const message = messageOfEvent(event, { userId: operator.open_id, text, target });
  return { kind: 'message', body: toast('info'), message };
}

/** The client shows the text in its own language, and `content` where it has none of the two. */
function toast(type: keyof typeof toasts): object {
  const { en, zh } = toasts[type];
  return { toast: { type, content: en, i18n: { zh_cn: zh, en_us: en } } };
}
