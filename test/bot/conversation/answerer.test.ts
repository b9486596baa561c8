// Replies to commands, attachments and mentions, answers of the model, and error messages.
import { describe, expect, test } from '@jest/globals';
import { createAnswerer, type ModelQuestion } from '../../../bot/conversation/answerer.ts';
import type { ChatMessage } from '../../../bot/domain/chat-message.ts';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { ModelError, type ModelRequest } from '../../../bot/model/model.ts';

const never = new AbortController().signal;

/** Creates an answerer whose model records its requests, and whose only command is `/reset`. */
function createChat(answer: (request: ModelRequest) => Promise<string> = async () => 'hi') {
  const requests: ModelRequest[] = [];
  const answerer = createAnswerer({
    model: {
      name: 'm',
      kind: 'remote',
      complete(request) {
        requests.push(request);
        return answer(request);
      },
    },
    commands: { run: async ({ text }) => (text === '/reset' ? { text: 'Done.', reset: true } : undefined) },
  });
  const ask = (text: string, over: Partial<ModelQuestion> = {}) =>
    answerer.ask({ text, context: [], signal: never, ...over });
  return { requests, ask, direct: answerer.direct };
}

const message = (over: Partial<InboundMessage>): InboundMessage & { tenantId: string } => ({
  platform: 'feishu',
  appId: 'cli_a',
  messageId: 'om_1',
  eventId: 'ev_1',
  externalTenantId: 't',
  tenantId: 'default',
  chatId: 'oc_1',
  chatType: 'p2p',
  userId: 'ou_1',
  addressed: 'yes',
  text: '',
  target: {},
  ...over,
});

describe('without the model', () => {
  test('answers a command, and does not remember it', async () => {
    const { direct } = createChat();
    await expect(direct(message({ text: '/reset' }), never)).resolves.toEqual({
      text: 'Done.',
      reset: true,
      remember: false,
    });
  });

  test.each([
    ['image', '我目前只能处理文字消息，无法识别图片。', 'I can only read text, not pictures.'],
    ['audio', '无法识别语音', 'not voice messages'],
    ['other', '无法识别这类消息', 'not this kind of message'],
  ] as const)('%s: replies that it cannot read it, in both languages', async (attachment, chinese, english) => {
    const { direct, requests } = createChat();
    const answer = await direct(message({ attachment }), never);
    expect(answer?.text).toContain(chinese);
    expect(answer?.text).toContain(english);
    expect(answer?.remember).toBe(false);
    expect(requests).toEqual([]);
  });

  test.each([{ text: 'hello' }, { text: 'what is this?', attachment: 'image' as const }])(
    'passes %j to the model',
    async (over) => {
      await expect(createChat().direct(message(over), never)).resolves.toBeUndefined();
    },
  );

  test.each([
    [{}, /^您好！.*\nHello!/],
    [{ language: 'zh' as const }, /^您好！[^\n]*$/],
  ])('replies to a mention without text (%j) with the greeting', async (over, greeting) => {
    const { direct, requests } = createChat();
    const answer = await direct(message(over), never);
    expect(answer).toEqual({ text: expect.stringMatching(greeting), remember: false });
    expect(requests).toEqual([]);
  });

  test.each([{ quote: 'quoted' }, { quotedId: 'om_0' }])('passes %j without text to the model', async (over) => {
    await expect(createChat().direct(message(over), never)).resolves.toBeUndefined();
  });

  test('replies to a picture from a Chinese group only in Chinese', async () => {
    const answer = await createChat().direct(message({ attachment: 'image', language: 'zh' }), never);
    expect(answer?.text).toBe('我目前只能处理文字消息，无法识别图片。请用文字描述内容。');
  });
});

describe('the model', () => {
  test('receives the context, oldest first, then the question, with language, signal, tenant and callback', async () => {
    const context: ChatMessage[] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const { requests, ask } = createChat(async () => ' \n c \n');
    const more = { tenant: { name: 'big' }, onText: () => {} };
    expect(await ask('d', { context, ...more })).toEqual({ text: 'c', remember: true });
    const messages = [...context, { role: 'user', content: 'd' }];
    expect(requests).toEqual([{ messages, language: 'en', signal: never, ...more }]);
  });

  test.each([
    ['', 'hello', 'returned an empty answer'],
    ['\u200b\u0007', 'hello', 'returned an empty answer'],
    [' \n\t', '你好', '返回了空内容'],
  ])('answers %j: replies with an error message that is not remembered', async (empty, question, expected) => {
    const { ask } = createChat(async () => empty);
    expect(await ask(question)).toEqual({ text: expect.stringContaining(expected), remember: false });
  });

  test('answers with NUL, which ends a text in SQLite, and with lone surrogates: both are removed or replaced', async () => {
    const { ask } = createChat(async () => '\u0000 a\u0000b\uD83D👍 \u0000');
    expect(await ask('hello')).toEqual({ text: 'ab\uFFFD👍', remember: true });
  });

  test.each([
    ['hello', 'timeout', 'took too long'],
    ['你好', 'timeout', '超时'],
    ['hello', 'content_filter', 'rephrase'],
  ] as const)('fails for %j with %s: replies without the cause, and does not remember it', async (...row) => {
    const [question, reason, expected] = row;
    const { ask } = createChat(() => Promise.reject(new ModelError(reason, '401', 'sk-1 is wrong')));
    const answer = await ask(question);
    expect(answer).toEqual({ text: expect.stringContaining(expected), remember: false });
    expect(answer.text).not.toMatch(/sk-1|401/);
  });

  test('throws an unexpected error: rejects, so that the message is logged and retried', async () => {
    const { ask } = createChat(() => Promise.reject(new TypeError('not a function')));
    await expect(ask('hello')).rejects.toThrow(new TypeError('not a function'));
  });

  test.each([
    { name: 'abort error', error: new DOMException('gone', 'AbortError') },
    { name: 'model error', error: new ModelError('timeout', 'ETIMEDOUT', 'too late') },
  ])('rejects without an error message if the question is aborted ($name)', async ({ error }) => {
    const caller = new AbortController();
    const { ask } = createChat(({ signal }) => {
      caller.abort();
      expect(signal.aborted).toBe(true);
      return Promise.reject(error);
    });
    await expect(ask('hello', { signal: caller.signal })).rejects.toBe(error);
  });
});
