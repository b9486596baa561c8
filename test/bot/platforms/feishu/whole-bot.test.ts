// A complete bot in Feishu's chats: which messages it answers, and the destination and format of its answers.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BotAndLab, startBotAndLab } from '../../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../../support/patience.ts';

let running: BotAndLab;
beforeAll(async () => {
  running = await startBotAndLab();
  running.lab.feishu.limitsRates = false;
});
afterAll(() => running.stop());

const timeoutMs = PATIENCE_MS;
const tom = { openId: 'ou_tom', name: 'Tom' };

test('replies in a group only to messages that mention the bot', async () => {
  const { feishu } = running.lab;
  const group = { chatType: 'group', chatId: 'oc_group' } as const;
  const first = await feishu.sendText({ ...group, text: 'hello bot' });
  await feishu.sendText({ ...group, text: 'hi @Tom', mentionsBot: false, mentions: [tom] });
  const last = await feishu.sendText({ ...group, text: '/help' });
  const replies = await Promise.all(
    [first, last].map(({ messageId }) => feishu.waitForReply({ afterMessageId: messageId, timeoutMs })),
  );
  expect(replies.map(({ via, replyTo }) => ({ via, replyTo }))).toEqual([
    { via: 'reply', replyTo: first.messageId },
    { via: 'reply', replyTo: last.messageId },
  ]);
  expect(replies[1]?.text).toContain('/status');
  expect(feishu.sent.filter(({ chatId }) => chatId === group.chatId)).toHaveLength(2);
});

test('does not answer messages to others while the bot’s id is unknown', async () => {
  await running.restart();
  const { feishu } = running.lab;
  const group = { chatType: 'group', chatId: 'oc_other' } as const;
  await feishu.sendText({ ...group, text: 'hi @Tom', mentionsBot: false, mentions: [tom] });
  const { messageId } = await feishu.sendText({ ...group, text: 'and you?' });
  await feishu.waitForReply({ afterMessageId: messageId, timeoutMs });
  expect(feishu.sent.filter(({ chatId }) => chatId === group.chatId)).toHaveLength(1);
});

test('answers Markdown with a card, and an image with text', async () => {
  const { feishu } = running.lab;
  const asked = await feishu.sendText({ text: 'repeat **this**' });
  expect(await feishu.waitForReply({ afterMessageId: asked.messageId, timeoutMs })).toMatchObject({
    type: 'interactive',
    text: expect.stringContaining('**this**'),
  });
  const image = await feishu.sendOther({ type: 'image' });
  const polite = await feishu.waitForReply({ afterMessageId: image.messageId, timeoutMs });
  expect(polite).toMatchObject({ type: 'text', via: 'create' });
});

test('answers a pressed button with a reply to its card', async () => {
  const { feishu } = running.lab;
  const asked = await feishu.sendText({ text: '**card**', userId: 'ou_1' });
  const card = await feishu.waitForReply({ afterMessageId: asked.messageId, timeoutMs });
  await feishu.pressButton({ messageId: card.messageId, value: { say: '/help' }, userId: 'ou_1' });
  const reply = await feishu.waitForReply({ chatId: card.chatId, containing: '/reset', timeoutMs });
  expect(reply).toMatchObject({ via: 'reply', replyTo: card.messageId });
});
