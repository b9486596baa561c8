// Answers of a bot without a model.
import { expect, test } from '@jest/globals';
import { createOfflineModel } from '../../../bot/model/offline-model.ts';

const user = (content: string) => ({ role: 'user' as const, content });
const bot = (content: string) => ({ role: 'assistant' as const, content });

test.each([
  { name: 'the first message', messages: [user('hi')], question: 'hi', memory: '' },
  {
    name: 'the second',
    messages: [user('a'), bot('b'), user('c')],
    question: 'c',
    memory: ' I remember 1 earlier message of yours.',
  },
  {
    name: 'the third',
    messages: [user('a'), bot('b'), user('c'), bot('d'), user('hello')],
    question: 'hello',
    memory: ' I remember 2 earlier messages of yours.',
  },
])('echoes $name, with the number of earlier messages', async ({ messages, question, memory }) => {
  const model = createOfflineModel();
  expect(await model.complete({ messages, signal: new AbortController().signal })).toBe(
    `You said: ${question}\n\nNo language model is set up, so I can only echo.${memory} /help lists what else I do.`,
  );
  expect({ name: model.name, kind: model.kind }).toEqual({ name: 'offline', kind: 'offline' });
});

test.each([
  { name: 'the first message', messages: [user('你好')], question: '你好', memory: '' },
  {
    name: 'the second',
    messages: [user('a'), bot('b'), user('你好')],
    question: '你好',
    memory: '我还记得您之前的 1 条消息。',
  },
  { name: 'a reply to English', messages: [user('引用的消息：\n> hi')], question: '引用的消息：\n> hi', memory: '' },
])('answers Chinese in Chinese: $name', async ({ messages, question, memory }) => {
  const answer = await createOfflineModel().complete({ messages, signal: new AbortController().signal });
  expect(answer).toBe(
    `您说的是：${question}\n\n尚未配置语言模型，我只能复述您的话。${memory}发送 /帮助 查看其他功能。`,
  );
});

test('ignores the language of a quotation', async () => {
  const messages = [user('Quoted message:\n> 你好\n\nwhat is this?')];
  const answer = await createOfflineModel().complete({ messages, signal: new AbortController().signal });
  expect(answer).toMatch(/^You said: /);
});

test('answers a text without letters in the language of the person', async () => {
  const signal = new AbortController().signal;
  const answer = await createOfflineModel().complete({ messages: [user('👍')], language: 'zh', signal });
  expect(answer).toContain('您说的是：👍');
});
