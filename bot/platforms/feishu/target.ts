// Where a Feishu answer goes; written by this channel's readers, kept with the message, read by its sender.

export interface FeishuTarget {
  chatId: string;
  chatType?: 'p2p' | 'group';
  /** The message that is answered; missing when something happened that is no message. */
  messageId?: string;
  /** Its thread. */
  threadId?: string;
}
