// What a person can send to a DingTalk robot, in the platform's shapes, and what it looks like on a screen.

/** The members of a robot message that depend on its type. */
export type MessageContent =
  | { msgtype: 'text'; text: { content: string; isReplyMsg?: boolean; repliedMsg?: unknown } }
  | { msgtype: string; content: Record<string, unknown> };

const downloadCode = 'mIofN681YE3fLabDownloadCode';
const picture = { downloadCode, type: 'picture' };

/** One function per type. */
export const contents = {
  text: (words: string): MessageContent => ({ msgtype: 'text', text: { content: words } }),
  /** A reply to the message `quoted`, as the platform puts it into the callback. */
  reply: (words: string, quoted: { msgType: string; content?: unknown }): MessageContent => ({
    msgtype: 'text',
    text: {
      content: words,
      isReplyMsg: true,
      repliedMsg: { msgId: 'msgLabQuoted', senderId: 'lab-quoted', ...quoted },
    },
  }),
  /** Words and pictures in order; null is a picture. */
  richText: (...items: (string | null)[]): MessageContent => ({
    msgtype: 'richText',
    content: { richText: items.map((item) => (item === null ? picture : { text: item })) },
  }),
  picture: (): MessageContent => ({ msgtype: 'picture', content: { downloadCode } }),
  /** `recognition` is what the platform understood. */
  audio: (recognition: string): MessageContent => ({
    msgtype: 'audio',
    content: { duration: 4000, downloadCode, recognition },
  }),
  video: (): MessageContent => ({ msgtype: 'video', content: { duration: 4000, downloadCode, videoType: 'mp4' } }),
  file: (fileName: string): MessageContent => ({ msgtype: 'file', content: { downloadCode, fileName } }),
  /** A type that today's page does not name. */
  unknown: (): MessageContent => ({ msgtype: 'unknownMsgType', content: {} }),
};

/** The message as one line. */
export function shownContent(message: MessageContent): string {
  if ('text' in message) return message.text.content;
  const { richText } = message.content;
  if (!Array.isArray(richText)) return `[${message.msgtype}]`;
  return richText.map((item: { text?: string }) => item.text ?? '[picture]').join('');
}
