// The lab as the bot's tests use it: real callbacks out, real API calls in.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { type StandInBot, startStandInBot } from './stand-in-bot.ts';

const credentials = generateCredentials();
let bot: StandInBot;
let lab: Lab;

beforeEach(async () => {
  bot = await startStandInBot(credentials);
  lab = await startLab({ credentials, botUrl: bot.url });
});
afterEach(async () => {
  await lab.stop();
  await bot.stop();
});

describe('Feishu', () => {
  test.each([
    { schema: '2.0', chatType: 'p2p' },
    { schema: '2.0', chatType: 'group' },
    { schema: '1.0', chatType: 'p2p' },
    { schema: '1.0', chatType: 'group' },
  ] as const)(
    'the official SDK takes a $chatType message in envelope $schema as genuine',
    async ({ schema, chatType }) => {
      const delivery = await lab.feishu.sendText({ text: '你好 🚀', schema, chatType });
      expect(delivery).toMatchObject({ status: 200, attempts: 1, error: null });
      expect(bot.taken.map(({ path, genuine }) => ({ path, genuine }))).toEqual([
        { path: '/feishu/verify', genuine: true },
      ]);
    },
  );

  test('a reply by the real API is heard', async () => {
    bot.feishuUrl = lab.urls.feishu;
    const { messageId, chatId } = await lab.feishu.sendText({ text: 'hello' });
    const reply = await lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: 2_000 });
    expect(reply).toMatchObject({
      chatId,
      text: 'Echo: hello',
      type: 'text',
      via: 'reply',
      replyTo: messageId,
      uuid: null,
    });
    expect(lab.feishu.sent).toEqual([reply]);
  });

  test.each([true, false])('the address check is answered (encrypted: %s)', async (encrypted) => {
    expect(await lab.feishu.sendChallenge({ encrypted })).toMatchObject({ ok: true, status: 200, error: null });
  });
});

describe('DingTalk', () => {
  test('a message is signed, and the reply by its session webhook is heard', async () => {
    bot.feishuUrl = lab.urls.feishu;
    const { chatId, status } = await lab.dingtalk.sendText({ text: 'hello', conversationType: '2' });
    const reply = await lab.dingtalk.waitForReply({ chatId, timeoutMs: 2_000 });
    expect({ status, genuine: bot.taken[0]?.genuine }).toEqual({ status: 200, genuine: true });
    expect(reply).toMatchObject({ chatId, text: 'Echo:  hello', via: 'session' });
  });
});
