// Target of a Feishu answer: written by the readers of the channel, stored with the message, read by the sender.

export interface FeishuTarget {
  chatId: string;
  chatType?: 'p2p' | 'group';
  /** Message to reply to; missing for chat events. */
  messageId?: string;
  /** Thread of the message. */
  threadId?: string;
}
