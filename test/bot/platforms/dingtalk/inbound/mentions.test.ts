// Removal of the bot's own mention from messages of any client.
import { describe, expect, test } from '@jest/globals';
import { receiveDingtalk } from '../../../../../bot/platforms/dingtalk/inbound/receive.ts';
import { app, robotMessage, signed } from '../callbacks.ts';

const bot = { dingtalkId: robotMessage().chatbotUserId };
const tom = { dingtalkId: '$:LWCP_v1:$tom', staffId: 'tom' };

function textOf(content: object, changes: object = {}): string {
  const body = robotMessage({ type: '2' }, { text: undefined, ...content, ...changes });
  const result = receiveDingtalk([app], signed(body));
  if (result.kind !== 'message') throw new Error(`No message: ${JSON.stringify(result)}`);
  expect(result.message).not.toHaveProperty('attachment');
  return result.message.text;
}
const text = (content: string) => ({ msgtype: 'text', text: { content } });
const richText = (...items: unknown[]) => ({ msgtype: 'richText', content: { richText: items } });
const texts = (...items: string[]) => richText(...items.map((item) => ({ text: item })));

describe('removes the mention if only the bot is mentioned', () => {
  test.each([
    ['already removed by the client', text(' /help'), '/help'],
    ['in front', text('@机器人 /help'), '/help'],
    ['in front of a command without a space', text('@机器人/help'), '/help'],
    ['with a non-breaking space', text('@机器人\u00a0/help'), '/help'],
    ['with a four-per-em space', text('@机器人\u2005/help'), '/help'],
    ['with a full-width space', text('@机器人\u3000帮我看看'), '帮我看看'],
    ['with a zero-width space', text('@机器人\u200b/help'), '/help'],
    ['behind a zero-width space', text('\u200b@机器人 /help'), '/help'],
    ['with a line end', text('@机器人\n/help'), '/help'],
    ['behind a space, in front of a command', text(' @机器人 /help'), '/help'],
    ['with a full-width `@`', text('＠机器人 帮我'), '帮我'],
    ['in front of punctuation', text('@机器人，你好'), '，你好'],
    ['at the end', text('/help @机器人'), '/help'],
    ['at the end of Chinese without a space', text('你好@机器人'), '你好'],
    ['in the middle', text('请 @机器人 看看'), '请   看看'],
    ['as a separate item', texts('@机器人', '/help'), '/help'],
    ['as a separate item with a space', texts('@机器人 ', '/help'), '/help'],
    ['as a separate item with a space in the name', texts('@Ops Bot', '/help'), '/help'],
    ['as the last item', texts('/help ', '@机器人'), '/help'],
    ['as an item in the middle', texts('请', '@机器人', '看看'), '请看看'],
    ['in one item with the text', texts('@机器人 /help'), '/help'],
    ['as an item of another type', richText({ type: 'at', atName: '机器人' }, { text: '/help' }), '/help'],
    [
      'in front of a picture',
      richText({ text: '@机器人' }, { downloadCode: 'x' }, { text: '这是什么' }),
      '[picture] 这是什么',
    ],
  ])('%s', (_where, content, left) => {
    expect(textOf(content)).toBe(left);
    expect(textOf(content, { atUsers: undefined, isInAtList: true })).toBe(left);
  });
});

describe('keeps the mentions of others', () => {
  test.each([
    ['the bot first', texts('@机器人', '@Tom', '请看'), [bot, tom], '@Tom请看'],
    ['the bot last', texts('@Tom', '@机器人', '请看'), [tom, bot], '@Tom请看'],
    ['the bot first, in a text', text('@机器人 @Tom 请看'), [bot, tom], '@Tom 请看'],
    ['the bot last, in a text', text('@Tom @机器人 请看'), [tom, bot], '@Tom   请看'],
    ['the client removed the bot', text(' @Tom 请看'), [bot, tom], '@Tom 请看'],
    ['the client removed both', text('  请看'), [bot, tom], '请看'],
  ])('%s', (_where, content, atUsers, left) => {
    expect(textOf(content, { atUsers })).toBe(left);
  });
});

test.each([
  ['a package', text(' @types/node 怎么用')],
  ['an address', text(' mail me@example.com')],
  ['a handle', text(' who is @tom on GitHub?')],
  ['a handle in front', text(' @tom on GitHub, who is that?')],
])('keeps %s if the client removed the mention', (_what, content) => {
  expect(textOf(content)).toBe(content.text.content.trim());
});

test('keeps a name in a private chat, because it is another person', () => {
  const result = receiveDingtalk([app], signed(robotMessage({ text: '@Tom 是谁' })));
  expect(result).toMatchObject({ kind: 'message', message: { text: '@Tom 是谁' } });
});

describe('reads a mention alone as an empty text', () => {
  test.each([
    ['removed by the client', text(' ')],
    ['in a text', text('@机器人')],
    ['in a rich text', texts('@机器人')],
    ['empty', text('')],
  ])('%s', (_where, content) => {
    expect(textOf(content)).toBe('');
  });

  test('with the language of the names of sender and group', () => {
    const languageOf = (changes: object) => {
      const result = receiveDingtalk([app], signed(robotMessage({ type: '2', text: '' }, changes)));
      return result.kind === 'message' ? result.message.language : result;
    };
    expect(languageOf({ senderNick: '张三' })).toBe('zh');
    expect(languageOf({ conversationTitle: '运维群' })).toBe('zh');
    expect(languageOf({})).toBeUndefined();
  });
});
