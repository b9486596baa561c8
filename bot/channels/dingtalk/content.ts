// What a robot message says: its text, or the name of what was sent instead.
import type { Attachment, InboundMessage } from '../channel.ts';
import { cleanText, isBlank } from '../text.ts';
import type { RobotMessage } from './message.ts';

export type Content = Pick<InboundMessage, 'text' | 'attachment'>;

const attachments: ReadonlyMap<string, Attachment> = new Map([
  ['picture', 'image'],
  ['audio', 'audio'],
  ['video', 'video'],
  ['file', 'file'],
]);

/** The shapes are those of the platform's page "消息发送与接收类型"; a reason when there is nothing to answer. */
export function contentOf({ msgtype, text, content }: RobotMessage): Content | 'not_text' | 'empty_text' {
  // So come the messages to an organisation that has used up its monthly quota: with a notice instead of the content.
  if (text === undefined && content === undefined) return 'not_text';
  const fields = typeof content === 'object' ? content : {};
  if (msgtype === 'text') return written(text?.content ?? (typeof content === 'string' ? content : undefined));
  if (msgtype === 'richText') return richText(fields.richText);
  // The platform has listened to it already: what it understood is what was said.
  if (msgtype === 'audio' && !isBlank(fields.recognition ?? '')) return written(fields.recognition);
  return { text: '', attachment: attachments.get(msgtype) ?? 'other' };
}

function written(found: string | undefined): Content | 'not_text' | 'empty_text' {
  if (found === undefined) return 'not_text';
  const text = cleanText(found);
  return isBlank(text) ? 'empty_text' : { text };
}

type RichText = { text?: string | undefined; downloadCode?: string | undefined }[];

/** Words and pictures in their order; pictures alone are a picture. */
function richText(items: RichText | undefined): Content | 'not_text' | 'empty_text' {
  if (items === undefined) return 'not_text';
  const words = items.map(({ text = '' }) => text).join('');
  const hasPicture = items.some(({ downloadCode }) => downloadCode !== undefined);
  if (isBlank(words) && hasPicture) return { text: '', attachment: 'image' };
  return written(items.map(({ text, downloadCode }) => text ?? (downloadCode ? ' [picture] ' : '')).join(''));
}
