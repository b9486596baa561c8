// Content of a robot message: its text, or the name of an attachment.
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
 * Content by the shapes of https://open.dingtalk.com/document/orgapp/the-application-robot-in-the-enterprise-group-receives-messages;
 * a reason when there is nothing to answer.
 */
export function contentOf(message: RobotMessage): Content | 'not_text' | 'empty_text' {
  const { msgtype, text, content } = message;
  // An organisation that has used up its monthly quota gets a notice without content.
  if (text === undefined && content === undefined) return 'not_text';
  const fields = typeof content === 'object' ? content : undefined;
  if (msgtype === 'text') return written(text?.content ?? (typeof content === 'string' ? content : undefined), message);
  if (msgtype === 'richText') return fields?.richText ? richText(fields.richText, message) : 'not_text';
  // The platform has recognised the speech already.
  if (msgtype === 'audio' && !isBlank(fields?.recognition ?? '')) return written(fields?.recognition, message);
  return { text: '', attachment: attachments.get(msgtype) ?? 'other' };
}

/** In a group, a message without words is a mention alone: it greets the bot. */
function written(found: string | undefined, message: RobotMessage): Content | 'not_text' | 'empty_text' {
  return found === undefined ? 'not_text' : addressed([found], message);
}

/** Words and pictures in their order; pictures alone are a picture. */
function richText(items: readonly RichTextItem[], message: RobotMessage): Content | 'not_text' | 'empty_text' {
  const words = withoutOwnMention(items.filter((item) => !isPicture(item)).map(textOfItem), message).join('');
  if (isBlank(words) && items.some(isPicture)) return { text: '', attachment: 'image' };
  return addressed(items.map(textOfItem), message);
}

function addressed(pieces: readonly string[], message: RobotMessage): Content | 'empty_text' {
  const text = cleanText(withoutOwnMention(pieces, message).join(''));
  if (!isBlank(text)) return { text };
  return message.conversationType === '2' || pieces.some((piece) => !isBlank(piece)) ? { text: '' } : 'empty_text';
}
