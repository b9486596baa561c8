// Builds the messages that a user can send to a DingTalk robot, in the platform's shapes.

/**
 * The members of a robot message that depend on its type. See https://open.dingtalk.com/document/orgapp/receive-message
 * (read 2026-11).
 */
export type MessageContent =
  | { msgtype: 'text'; text: { content: string; isReplyMsg?: boolean; repliedMsg?: unknown } }
  | { msgtype: string; content: Record<string, unknown> };

const downloadCode = 'mIofN681YE3fLabDownloadCode';
const picture = { downloadCode, type: 'picture' };

/** One builder per message type. */
export const contents = {
  text: (content: string): MessageContent => ({ msgtype: 'text', text: { content } }),
  /** A reply to the message `quoted`, in the shape of the platform's callback. */
  reply: (content: string, quoted: { msgType: string; content?: unknown }): MessageContent => ({
    msgtype: 'text',
    text: {
      content,
      isReplyMsg: true,
      repliedMsg: { msgId: 'msgLabQuoted', senderId: 'lab-quoted', ...quoted },
    },
  }),
  /** Texts and pictures in order; null is a picture. */
  richText: (...items: (string | null)[]): MessageContent => ({
    msgtype: 'richText',
    content: { richText: items.map((item) => (item === null ? picture : { text: item })) },
  }),
  picture: (): MessageContent => ({ msgtype: 'picture', content: { downloadCode } }),
  /** `recognition` is the platform's transcript. */
  audio: (recognition: string): MessageContent => ({
    msgtype: 'audio',
    content: { duration: 4000, downloadCode, recognition },
  }),
  video: (): MessageContent => ({ msgtype: 'video', content: { duration: 4000, downloadCode, videoType: 'mp4' } }),
  file: (fileName: string): MessageContent => ({ msgtype: 'file', content: { downloadCode, fileName } }),
  /** A type that the platform's documentation does not name. */
  unknown: (): MessageContent => ({ msgtype: 'unknownMsgType', content: {} }),
};

/** Returns the message as one line, as a client displays it. */
export function displayText(message: MessageContent): string {
  if ('text' in message) return message.text.content;
  const { richText } = message.content;
  if (!Array.isArray(richText)) return `[${message.msgtype}]`;
  return richText.map((item: { text?: string }) => item.text ?? '[picture]').join('');
}
