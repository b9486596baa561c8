// Messages whose address the platform's code knew, and those that the channel decides later.
import { expect, test } from '@jest/globals';
import { isForBot } from '../../../bot/conversation/is-for-bot.ts';
import type { InboundMessage } from '../../../bot/domain/message.ts';

const message: InboundMessage = {
  platform: 'feishu',
  appId: 'cli_a',
  messageId: 'om_1',
  eventId: 'ev_1',
  externalTenantId: 'tenant-1',
  chatId: 'oc_1',
  chatType: 'group',
  userId: 'ou_1',
  addressed: 'unknown',
  mentions: ['ou_bot'],
  text: 'hi',
  target: {},
};
const channel = { isAddressed: async ({ mentions = [] }: InboundMessage) => mentions.includes('ou_bot') };

test.each([
  ['yes', channel, true],
  ['no', channel, false],
  ['unknown', channel, true],
  ['unknown', {}, false],
  ['unknown', undefined, false],
] as const)('%s with the channel %j: %s', async (addressed, by, expected) => {
  await expect(isForBot({ ...message, addressed }, by)).resolves.toBe(expected);
});

test('a message that mentions others is not for the bot', async () => {
  await expect(isForBot({ ...message, mentions: ['ou_tom'] }, channel)).resolves.toBe(false);
});

test('rejects with the error of the channel, so that the message is retried', async () => {
  const isAddressed = () => Promise.reject(new Error('down'));
  await expect(isForBot(message, { isAddressed })).rejects.toThrow('down');
  await expect(isForBot({ ...message, addressed: 'yes' }, { isAddressed })).resolves.toBe(true);
});
