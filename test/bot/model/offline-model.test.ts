// What a bot without a model says.
import { expect, test } from '@jest/globals';
import { createOfflineModel } from '../../../bot/model/offline-model.ts';

const user = (content: string) => ({ role: 'user' as const, content });
const bot = (content: string) => ({ role: 'assistant' as const, content });

test.each([
  { name: 'the first message', messages: [user('hi')], said: 'hi', memory: '' },
  {
    name: 'the second',
    messages: [user('a'), bot('b'), user('c')],
    said: 'c',
    memory: ' I remember 1 earlier message of yours.',
  },
  {
    name: 'the third',
    messages: [user('a'), bot('b'), user('c'), bot('d'), user('你好')],
    said: '你好',
    memory: ' I remember 2 earlier messages of yours.',
  },
])('$name is echoed, with what is remembered', async ({ messages, said, memory }) => {
  const model = createOfflineModel();
  expect(await model.complete({ messages, signal: new AbortController().signal })).toBe(
    `You said: ${said}\n\nNo language model is set up, so I can only echo.${memory} /help lists what else I do.`,
  );
  expect({ name: model.name, kind: model.kind }).toEqual({ name: 'offline', kind: 'offline' });
});
