// Quotations, topics and mentions without text, on a complete bot with the lab.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { contents } from '../../../ops/lab/dingtalk/contents.ts';
import { type BotAndLab, startBotAndLab } from '../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';

const timeoutMs = PATIENCE_MS;
let running: BotAndLab;
afterAll(() => running.stop());

/** Sends a message in Feishu and waits for its answer. */
async function ask(given: Parameters<BotAndLab['lab']['feishu']['sendText']>[0]) {
  const { feishu } = running.lab;
  const sent = await feishu.sendText(given);
  expect(sent.status).toBe(200);
  return { ...sent, reply: await feishu.waitForReply({ afterMessageId: sent.messageId, timeoutMs }) };
}

/** Removes the hard breaks that DingTalk needs at the end of a line. */
const withoutBreaks = (text: string) => text.replaceAll(/ +\n/g, '\n');

describe('by default', () => {
  beforeAll(async () => {
    running = await startBotAndLab();
    running.lab.feishu.limitsRates = false;
    running.lab.dingtalk.limitsRates = false;
  });

  test('DingTalk: a reply is sent to the model together with the quoted message', async () => {
    const { dingtalk } = running.lab;
    const quoted = { msgType: 'text', content: { text: 'the QUOTED text' } };
    const content = contents.reply(' what does this mean?', quoted);
    const { messageId } = await dingtalk.sendContent({ content });
    const reply = await dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs });
    expect(withoutBreaks(reply.text)).toContain('Quoted message:\n> the QUOTED text\n\nwhat does this mean?');
  });

  test('a quotation runs no command and does not decide the language', async () => {
    const { dingtalk } = running.lab;
    const content = contents.reply('为什么？', { msgType: 'text', content: { text: '/help' } });
    const { messageId } = await dingtalk.sendContent({ content, userId: 'zh' });
    const reply = await dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs });
    expect(withoutBreaks(reply.text)).toContain('您说的是：引用的消息：\n> /help\n\n为什么？');
  });

  test.each(['p2p', 'group'] as const)(
    'Feishu: a reply is sent to the model together with the quoted message: %s',
    async (chatType) => {
      const chat = { chatType, chatId: `oc_quotes_${chatType}` };
      const first = await ask({ ...chat, userId: 'a', text: 'the QUOTED text' });
      const { reply } = await ask({ ...chat, userId: 'b', text: 'what is this?', parentId: first.messageId });
      expect(reply.text).toMatch(/Quoted message:\n> .*the QUOTED text\n\nwhat is this\?/);
    },
  );

  test('an answer of the bot can be quoted, also as a card', async () => {
    const chat = { chatId: 'oc_cards', userId: 'c' };
    const card = await ask({ ...chat, text: '**bold**' });
    expect(card.reply.type).toBe('interactive');
    const { reply } = await ask({ ...chat, text: 'explain', parentId: card.reply.messageId });
    expect(reply.text).toMatch(/> You said: [\s\S]*\n\nexplain/);
  });

  test.each([
    ['was recalled', async (messageId: string) => running.lab.feishu.recall(messageId), 'oc_recall'],
    ['belongs to another chat', async () => undefined, 'oc_elsewhere'],
  ])('a quoted message that %s is left out', async (_name, change, chatId) => {
    const first = await ask({ chatId: 'oc_recall', text: 'SECRET', userId: 'd' });
    await change(first.messageId);
    const { reply } = await ask({ chatId, userId: 'e', text: 'what is this?', parentId: first.messageId });
    expect(reply.text).not.toContain('SECRET');
    expect(reply.text).toContain('You said: what is this?');
  });

  test('each topic of a group has its own session, and the answer goes to the topic', async () => {
    const chat = { chatType: 'group', chatId: 'oc_topics', userId: 'f' } as const;
    const first = await ask({ ...chat, text: 'one', threadId: 'omt_1' });
    const second = await ask({ ...chat, text: 'two', threadId: 'omt_1' });
    const other = await ask({ ...chat, text: 'three', threadId: 'omt_2' });
    const none = await ask({ ...chat, text: 'four' });
    const memory = [first, second, other, none].map(({ reply }) => /remember \d+/.exec(reply.text)?.[0]);
    expect(memory).toEqual([undefined, 'remember 1', undefined, undefined]);
    expect([first, second, other, none].map(({ reply }) => reply.via)).toEqual(['thread', 'thread', 'thread', 'reply']);
    await ask({ ...chat, text: '/reset', threadId: 'omt_1' });
    const after = [
      await ask({ ...chat, text: 'five', threadId: 'omt_1' }),
      await ask({ ...chat, text: 'six', threadId: 'omt_2' }),
    ];
    expect(after.map(({ reply }) => /remember \d+/.exec(reply.text)?.[0])).toEqual([undefined, 'remember 1']);
  });

  test('the message that opened a topic is sent only with the first question there', async () => {
    const chat = { chatType: 'group', chatId: 'oc_roots', userId: 'g' } as const;
    const root = await running.lab.feishu.sendText({ ...chat, userId: 'h', text: 'the ROOT', mentionsBot: false });
    const inTopic = { ...chat, threadId: 'omt_9', parentId: root.messageId };
    expect((await ask({ ...inTopic, text: 'why?' })).reply.text).toContain('> the ROOT');
    expect((await ask({ ...inTopic, text: 'and then?' })).reply.text).not.toContain('> the ROOT');
  });

  test('topics of a private chat share one session', async () => {
    const chat = { chatId: 'oc_private', userId: 'i' };
    await ask({ ...chat, text: 'one', threadId: 'omt_1' });
    expect((await ask({ ...chat, text: 'two' })).reply.text).toContain('remember 1 earlier message');
  });

  test('a mention without text is greeted, in the sender’s language or in both', async () => {
    const chat = { chatType: 'group', chatId: 'oc_greet' } as const;
    expect((await ask({ ...chat, text: '' })).reply.text).toMatch(/^您好！.*\nHello! /);
    const { dingtalk } = running.lab;
    const { messageId } = await dingtalk.sendText({ text: '', conversationType: '2', userId: '张三' });
    const reply = await dingtalk.waitForReply({ afterMessageId: messageId, timeoutMs });
    expect(reply.text).toMatch(/您好！/);
    expect(reply.text).not.toContain('Hello');
  });

  test('/我是谁 in a group returns only the sender’s own entry', async () => {
    const chat = { chatType: 'group', chatId: 'oc_who', userId: 'ou_me' } as const;
    const { reply } = await ask({ ...chat, text: '/我是谁', mentions: [{ openId: 'ou_other', name: 'Tom' }] });
    expect(reply.text).toMatch(/\nfeishu:\S+\/ou_me$/);
    expect(reply.text).not.toContain('ou_other');
  });

  test('without the scope, the question is sent alone, and the platform is not called again', async () => {
    const { feishu } = running.lab;
    Object.assign(feishu.readable, { group: false });
    const chat = { chatType: 'group', chatId: 'oc_unread' } as const;
    const first = await feishu.sendText({ ...chat, text: 'QUOTED', mentionsBot: false });
    const answers = [];
    for (const text of ['one', 'two']) answers.push(await ask({ ...chat, text, parentId: first.messageId }));
    Object.assign(feishu.readable, { group: true });
    answers.push(await ask({ ...chat, text: 'three', parentId: first.messageId }));
    expect(answers.map(({ reply }) => reply.text.split('\n')[0])).toEqual([
      'You said: one',
      'You said: two',
      'You said: three',
    ]);
  });
});

test('GROUP_SESSION=chat: the topics of a group share one session', async () => {
  await running.restart({ GROUP_SESSION: 'chat' });
  running.lab.feishu.limitsRates = false;
  const chat = { chatType: 'group', chatId: 'oc_shared', userId: 'j' } as const;
  await ask({ ...chat, text: 'one', threadId: 'omt_1' });
  expect((await ask({ ...chat, text: 'two', threadId: 'omt_2' })).reply.text).toContain('remember 1 earlier message');
});
