// A pressed button of a card: what it says becomes a message of the one who pressed it.
import { z } from 'zod';
import { id } from '../id.ts';
import { cleanText, isBlank } from '../text.ts';
import type { FeishuEvent } from './envelope.ts';
import type { ReadEvent } from './event.ts';
import { messageOfEvent } from './event-message.ts';
import type { FeishuTarget } from './target.ts';

const pressed = z.object({
  operator: z.object({ open_id: id }),
  action: z.object({ value: z.unknown() }),
  context: z.object({ open_message_id: id, open_chat_id: id }),
});
const saying = z.object({ say: z.string() });

/** The platform waits 3 s for the toast; the answer itself comes as a reply to the card. */
export function readCardAction(event: FeishuEvent): ReadEvent {
  const parsed = pressed.safeParse(event.body);
  if (!parsed.success) return { kind: 'malformed' };
  const { operator, action, context } = parsed.data;
  const text = cleanText(saying.safeParse(action.value).data?.say ?? '');
  if (isBlank(text)) {
    return { kind: 'ignored', reason: 'unused_event_type', body: toast('warning', 'This button does nothing here.') };
  }
  const { open_chat_id: chatId, open_message_id: messageId } = context;
  // The callback does not tell the kind of chat. As in a group, the answer is a reply to the card.
  const target: FeishuTarget = { chatId, chatType: 'group', messageId };
  return {
    kind: 'message',
    body: toast('info', 'Got it, one moment.'),
    message: messageOfEvent(event, { userId: operator.open_id, text, target }),
  };
}

function toast(type: 'info' | 'warning', content: string): object {
  return { toast: { type, content } };
}
