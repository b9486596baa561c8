// Decides whether a message is for the bot: every message of a private chat, and those of a group that mention the bot.
import type { Addressed, InboundMessage } from '../../../domain/message.ts';

/** Decides by the ids that a message mentions. `botId` is the bot's own id, or undefined while it is unknown. */
export function addressedByIds(
  { chatType, mentions = [] }: Pick<InboundMessage, 'chatType' | 'mentions'>,
  botId: string | undefined,
): Addressed {
  if (chatType === 'p2p') return 'yes';
  if (mentions.length === 0) return 'no';
  if (botId === undefined) return 'unknown';
  return mentions.includes(botId) ? 'yes' : 'no';
}

/** Decides by `is_mention` of a message in schema 1.0, which Feishu sets if the bot is mentioned. */
export function addressedByFlag(chatType: InboundMessage['chatType'], isMention: boolean | undefined): Addressed {
  return chatType === 'p2p' || isMention ? 'yes' : 'no';
}
