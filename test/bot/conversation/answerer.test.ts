// What the bot says to a message: commands, what it cannot read, the model, and apologies.
import { describe, expect, test } from '@jest/globals';
import { createAnswerer, type Question } from '../../../bot/conversation/answerer.ts';
import type { ChatMessage } from '../../../bot/domain/chat-message.ts';
import type { InboundMessage } from '../../../bot/domain/message.ts';
import { ModelError, type ModelRequest } from '../../../bot/model/model.ts';

const never = new AbortController().signal;

/** An answerer whose model notes what it is asked, and whose only command is `/reset`. */
function createChat(answer: (request: ModelRequest) => Promise<string> = async () => 'hi') {
  const asked: ModelRequest[] = [];
  const answerer = createAnswerer({
    model: {
      name: 'm',
      kind: 'remote',
      complete(request) {
        asked.push(request);
        return answer(request);
      },
    },
    commands: { run: async ({ text }) => (text === '/reset' ? { text: 'Done.', reset: true } : undefined) },
  });
  const says = (text: string, over: Partial<Question> = {}) =>
    answerer.ask({ text, context: [], signal: never, ...over });
  return { asked, says, direct: answerer.direct };
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
  text: '',
  target: {},
  ...over,
});

describe('without the model', () => {
  test('a command is answered and is no part of the conversation', async () => {
    const { direct } = createChat();
    await expect(direct(message({ text: '/reset' }), never)).resolves.toEqual({
      text: 'Done.',
      reset: true,
      remember: false,
    });
  });

  test.each([
    ['image', '我只能阅读文字，看不了图片。', 'I can only read text, not pictures.'],
    ['audio', '看不了语音', 'not voice messages'],
    ['other', '看不了这类消息', 'not this kind of message'],
  ] as const)('%s: says what it cannot read, in both languages', async (attachment, chinese, english) => {
    const { direct, asked } = createChat();
    const answer = await direct(message({ attachment }), never);
    expect(answer?.text).toContain(chinese);
    expect(answer?.text).toContain(english);
    expect(answer?.remember).toBe(false);
    expect(asked).toEqual([]);
  });

  test.each([{ text: 'hello' }, { text: 'what is this?', attachment: 'image' as const }])(
    '%j is a question',
    async (over) => {
      await expect(createChat().direct(message(over), never)).resolves.toBeUndefined();
    },
  );

  test.each([
    [{}, /^您好！.*\nHello!/],
    [{ language: 'zh' as const }, /^您好！[^\n]*$/],
  ])('a mention alone (%j) gets the greeting', async (over, greeting) => {
    const { direct, asked } = createChat();
    const answer = await direct(message(over), never);
    expect(answer).toEqual({ text: expect.stringMatching(greeting), remember: false });
    expect(asked).toEqual([]);
  });

  test.each([{ quote: 'quoted' }, { quotedId: 'om_0' }])('%j without words is a question', async (over) => {
    await expect(createChat().direct(message(over), never)).resolves.toBeUndefined();
  });

  test('a picture from a Chinese group is answered in Chinese alone', async () => {
    const answer = await createChat().direct(message({ attachment: 'image', language: 'zh' }), never);
    expect(answer?.text).toBe('我只能阅读文字，看不了图片。请用文字说明一下内容。');
  });
});

describe('the model', () => {
  test('gets the context, oldest first, then the question, and what else it needs', async () => {
    const context: ChatMessage[] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const { asked, says } = createChat(async () => ' \n c \n');
    const more = { tenant: { name: 'big' }, onText: () => {} };
    expect(await says('d', { context, ...more })).toEqual({ text: 'c', remember: true });
    const messages = [...context, { role: 'user', content: 'd' }];
    expect(asked).toEqual([{ messages, language: 'en', signal: never, ...more }]);
  });

  test.each([
    ['', 'hello', 'gave an empty answer'],
    ['\u200b\u0007', 'hello', 'gave an empty answer'],
    [' \n\t', '你好', '没有给出内容'],
  ])('answers %j: an apology that is not remembered', async (empty, question, words) => {
    const { says } = createChat(async () => empty);
    expect(await says(question)).toEqual({ text: expect.stringContaining(words), remember: false });
  });

  test('answers with what no database keeps: NUL, which ends a text in SQLite, and half characters', async () => {
    const { says } = createChat(async () => '\u0000 a\u0000b\uD83D👍 \u0000');
    expect(await says('hello')).toEqual({ text: 'ab\uFFFD👍', remember: true });
  });

  test.each([
    ['hello', 'timeout', 'took too long'],
    ['你好', 'timeout', '超时'],
    ['hello', 'content_filter', 'other words'],
  ] as const)('fails at %j by %s: an apology that is not remembered and tells nothing of the cause', async (...row) => {
    const [question, reason, words] = row;
    const { says } = createChat(() => Promise.reject(new ModelError(reason, '401', 'sk-1 is wrong')));
    const answer = await says(question);
    expect(answer).toEqual({ text: expect.stringContaining(words), remember: false });
    expect(answer.text).not.toMatch(/sk-1|401/);
  });

  test('has a bug: the message fails, so that it is tried again and logged', async () => {
    const { says } = createChat(() => Promise.reject(new TypeError('not a function')));
    await expect(says('hello')).rejects.toThrow(new TypeError('not a function'));
  });

  test.each([
    { name: 'an abort', error: new DOMException('gone', 'AbortError') },
    { name: 'the model’s own error', error: new ModelError('timeout', 'ETIMEDOUT', 'too late') },
  ])('a question that was given up gets no apology ($name)', async ({ error }) => {
    const caller = new AbortController();
    const { says } = createChat(({ signal }) => {
      caller.abort();
      expect(signal.aborted).toBe(true);
      return Promise.reject(error);
    });
    await expect(says('hello', { signal: caller.signal })).rejects.toBe(error);
  });
});
