// Whether a message is for the bot, by its mentions and by the flag of schema 1.0.
import { expect, test } from '@jest/globals';
import { addressedByFlag, addressedByIds } from '../../../../../bot/platforms/feishu/inbound/addressed.ts';

test.each([
  ['p2p', [], undefined, 'yes'],
  ['p2p', ['ou_tom'], 'ou_bot', 'yes'],
  ['group', [], undefined, 'no'],
  ['group', [], 'ou_bot', 'no'],
  ['group', ['ou_tom', 'ou_bot'], 'ou_bot', 'yes'],
  ['group', ['ou_tom'], 'ou_bot', 'no'],
  ['group', ['ou_tom'], undefined, 'unknown'],
] as const)('%s with the mentions %j, own id %s: %s', (chatType, mentions, botId, addressed) => {
  expect(addressedByIds({ chatType, mentions: [...mentions] }, botId)).toBe(addressed);
});

test.each([
  ['p2p', undefined, 'yes'],
  ['group', true, 'yes'],
  ['group', false, 'no'],
  ['group', undefined, 'no'],
] as const)('%s with the flag %s: %s', (chatType, isMention, addressed) => {
  expect(addressedByFlag(chatType, isMention)).toBe(addressed);
});
