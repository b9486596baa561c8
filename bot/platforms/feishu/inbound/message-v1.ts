// Reads a user's message in schema 1.0 (event type `message`).
import { z } from 'zod';
import { languageOfNames } from '../../../domain/language.ts';
import { id, idOrEmpty } from '../../shared/id.ts';
import { lenient, optional } from '../../shared/optional.ts';
import type { FeishuTarget } from '../target.ts';
import { addressedByFlag } from './addressed.ts';
import { type Content, nameAttachment, textOr } from './content.ts';
import type { FeishuEvent } from './envelope.ts';
import type { ReadEvent } from './read-event.ts';

const messageEvent = z.object({
  open_message_id: id,
  open_chat_id: id,
  open_id: id,
  parent_id: lenient(idOrEmpty),
  chat_type: z.string(),
  msg_type: z.string(),
  is_mention: lenient(z.boolean()),
  text: optional(z.string()),
  text_without_at_bot: optional(z.string()),
});
type Message = z.infer<typeof messageEvent>;

/** Reads a message. Its `text_without_at_bot` omits the mention of the bot. */
export function readMessageV1({ appId, eventId, tenantKey, body }: FeishuEvent): ReadEvent {
  const parsed = messageEvent.safeParse(body);
  if (!parsed.success) return { kind: 'malformed' };
  const { open_message_id: messageId, open_chat_id: chatId, open_id: userId, chat_type } = parsed.data;
  const chatType = chat_type === 'private' || chat_type === 'p2p' ? 'p2p' : 'group';
  const addressed = addressedByFlag(chatType, parsed.data.is_mention);
  if (addressed === 'no') return { kind: 'ignored', reason: 'not_mentioned', messageId };
  const content = readContentV1(parsed.data);
  if ('ignored' in content) return { kind: 'ignored', reason: content.ignored, messageId };
  const target: FeishuTarget = { chatId, chatType, messageId };
  const ids = { platform: 'feishu', appId, messageId, eventId, externalTenantId: tenantKey } as const;
  const message = {
    ...ids,
    chatId,
    chatType,
    userId,
    addressed,
    text: '',
    ...content,
    ...contextOf(parsed.data),
    target,
  } as const;
  return { kind: 'message', message };
}

function readContentV1({ msg_type, is_mention, text = '', text_without_at_bot }: Message): Content {
  if (msg_type !== 'text' && msg_type !== 'post') return nameAttachment(msg_type);
  const own = is_mention ? withoutFirstMention(text) : text;
  const read = textOr(withNames(text_without_at_bot ?? own), msg_type === 'post' ? { attachment: 'image' } : undefined);
  // A message with nothing but the mention is answered with a greeting.
  return 'ignored' in read && own !== text ? { text: '' } : read;
}

/** Matches a mention with its attributes and name: `<at open_id="ou_1">@Tom</at>`. */
const MENTION = /<at ([^<>]*)>([^<>]*)<\/at>/g;

/** Removes the first mention. Without `text_without_at_bot` it counts as the bot's, whose id is unknown here. */
function withoutFirstMention(text: string): string {
  return text.replace(new RegExp(MENTION.source), '');
}

function withNames(text: string): string {
  return text.replaceAll(MENTION, (_mention, attributes: string, name: string) =>
    name === '' && /"all"/.test(attributes) ? '@all' : name,
  );
}

function contextOf({ parent_id, text = '' }: Message) {
  const language = languageOfNames(...[...text.matchAll(MENTION)].map(([, , name]) => name));
  return { ...(parent_id?.startsWith('om_') ? { quotedId: parent_id } : {}), ...(language ? { language } : {}) };
}
