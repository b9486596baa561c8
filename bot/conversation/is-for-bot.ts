// Decides finally whether a message is for the bot.
import type { Channel } from '../domain/channel.ts';
import type { InboundMessage } from '../domain/message.ts';

/**
 * Returns true if the message is for the bot. If that was unknown when the message arrived, the channel decides. Rejects
 * if the channel cannot decide now; the message is then retried.
 */
export async function isForBot(
  message: InboundMessage,
  channel: Pick<Channel, 'isAddressed'> | undefined,
): Promise<boolean> {
  if (message.addressed !== 'unknown') return message.addressed === 'yes';
  return (await channel?.isAddressed?.(message)) ?? false;
}
