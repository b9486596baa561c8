// Replacement of mention placeholders, with any text behind them.
import { expect, test } from '@jest/globals';
import { classifyPlain } from '../../../../../bot/platforms/feishu/inbound/body.ts';
import { readGenuine } from '../../../../../bot/platforms/feishu/inbound/receive.ts';
import { app, eventV2 } from '../callbacks.ts';

const mention = (number: number, openId: string, name: string) => ({
  key: `@_user_${number}`,
  id: { open_id: openId },
  name,
});
const bot = mention(1, 'ou_bot', 'Bot');
const tom = mention(2, 'ou_tom', 'Tom');
const twelfth = mention(12, 'ou_ann', 'Ann');

test.each([
  ['@_user_1 2+2=?', [bot], '2+2=?'],
  ['@_user_12+2=?', [bot], '2+2=?'],
  ['@_user_1/help', [bot], '/help'],
  ['@_user_1你好', [bot], '你好'],
  ['@_user_1@_user_23 questions', [bot, tom], '@Tom3 questions'],
  ['@_user_1 ask @_user_12', [bot, twelfth], 'ask @Ann'],
  ['@_user_1 ask @_user_123', [bot, twelfth], 'ask @Ann3'],
  ['@_user_1 the decorator @_user_12', [bot], 'the decorator @_user_12'],
  ['@_user_1 the decorator @_user_7', [bot], 'the decorator @_user_7'],
  ['@_user_1 the decorator @_allow', [bot], 'the decorator @_allow'],
  ['@_user_1 @_all', [bot], '@all'],
])('reads %s', (text, mentions, expected) => {
  const { schema, header, event } = eventV2();
  const content = JSON.stringify({ text });
  const message = { ...event.message, chat_type: 'group', message_type: 'text', content, mentions };
  const result = readGenuine(app, classifyPlain({ schema, header, event: { ...event, message } }), () => 'ou_bot');
  expect(result).toMatchObject({ kind: 'message', message: { text: expected } });
});

test.each([
  ['a placeholder with a million digits', `@_user_1 @_user_${'1'.repeat(900_000)}`],
  ['a hundred thousand unknown placeholders', `@_user_1 ${'@_user_9'.repeat(100_000)}`],
  ['a hundred thousand placeholders with digits behind', '@_user_19'.repeat(100_000)],
])('reads %s within a second', (_name, text) => {
  const { schema, header, event } = eventV2();
  const content = JSON.stringify({ text });
  const message = { ...event.message, chat_type: 'group', message_type: 'text', content, mentions: [bot] };
  const before = process.cpuUsage();
  readGenuine(app, classifyPlain({ schema, header, event: { ...event, message } }), () => 'ou_bot');
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
});
