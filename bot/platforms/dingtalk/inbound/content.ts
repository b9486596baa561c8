// Parses the content of a robot message into text or the name of an attachment.
import type { Attachment, InboundMessage } from '../../../domain/message.ts';
import { cleanText, isBlank } from '../../shared/text.ts';
import { withoutOwnMention } from './own-mention.ts';
import { isPicture, type RichTextItem, textOfItem } from './rich-text.ts';
import type { RobotMessage } from './robot-message.ts';

export type Content = Pick<InboundMessage, 'text' | 'attachment'>;

const attachments: ReadonlyMap<string, Attachment> = new Map([
  ['picture', 'image'],
  ['audio', 'audio'],
  ['video', 'video'],
  ['file', 'file'],
]);

/**
 * Returns the content, or a reason for ignoring the message. Shapes:
 * https://open.dingtalk.com/document/orgapp/the-application-robot-in-the-enterprise-group-receives-messages (read
 * 2026-11).
 */
export function contentOf(message: RobotMessage): Content | 'not_text' | 'empty_text' {
  const { msgtype, text, content } = message;
  // After an organisation has used up its monthly quota, DingTalk sends a notice without content.
  if (text === undefined && content === undefined) return 'not_text';
  const fields = typeof content === 'object' ? content : undefined;
  if (msgtype === 'text')
    return textContent(text?.content ?? (typeof content === 'string' ? content : undefined), message);
  if (msgtype === 'richText') return fields?.richText ? richText(fields.richText, message) : 'not_text';
  // `recognition` is the text of DingTalk's speech recognition.
  if (msgtype === 'audio' && !isBlank(fields?.recognition ?? '')) return textContent(fields?.recognition, message);
  return { text: '', attachment: attachments.get(msgtype) ?? 'other' };
}

function textContent(found: string | undefined, message: RobotMessage): Content | 'not_text' | 'empty_text' {
  return found === undefined ? 'not_text' : textWithoutMention([found], message);
}

/** Returns texts and pictures in their order. A rich text of nothing but pictures is a picture. */
function richText(items: readonly RichTextItem[], message: RobotMessage): Content | 'not_text' | 'empty_text' {
  const text = withoutOwnMention(items.filter((item) => !isPicture(item)).map(textOfItem), message).join('');
  if (isBlank(text) && items.some(isPicture)) return { text: '', attachment: 'image' };
  return textWithoutMention(items.map(textOfItem), message);
}

/** Removes the bot's mention. A group message with nothing else is answered with a greeting. */
function textWithoutMention(pieces: readonly string[], message: RobotMessage): Content | 'empty_text' {
  const text = cleanText(withoutOwnMention(pieces, message).join(''));
  if (!isBlank(text)) return { text };
  return message.conversationType === '2' || pieces.some((piece) => !isBlank(piece)) ? { text: '' } : 'empty_text';
}
