// What the bot says to a message: commands, the model, and apologies.
import { describe, expect, test } from '@jest/globals';
import { createAnswerer, phrases } from '../../../bot/conversation/answer.ts';
import type { ChatMessage } from '../../../bot/conversation/sessions.ts';
import { ModelError } from '../../../bot/model/model.ts';

const never = new AbortController().signal;

/** An answerer whose model notes what it is asked, and answers what `answer` does. */
function createChat(answer: (signal: AbortSignal) => Promise<string> = async () => 'hi') {
  const asked: ChatMessage[][] = [];
  const reply = createAnswerer({
    model: {
      name: 'm',
      kind: 'remote',
      async complete({ messages, signal }) {
        asked.push(messages);
        return await answer(signal);
      },
    },
    describeStatus: async () => 'All is well.',
  });
  const says = (text: string, context: ChatMessage[] = [], signal = never) => reply({ text, context, signal });
  return { asked, says };
}

describe('commands', () => {
  test.each(['/help', '/HELP', '/help me please', '/help\nplease'])(
    '%j lists them, and the model is not asked',
    async (text) => {
      const { asked, says } = createChat();
      const answer = await says(text);
      expect(answer.remember).toBe(false);
      expect(answer.text.match(/^\/\w+/gm)).toEqual(['/help', '/status', '/reset']);
      expect(asked).toEqual([]);
    },
  );

  test.each([
    { text: '/status', answer: { text: 'All is well.', remember: false } },
    { text: '/reset', answer: { text: 'Done. We start anew.', remember: false, reset: true } },
  ])('$text', async ({ text, answer }) => {
    const { asked, says } = createChat();
    expect(await says(text)).toEqual(answer);
    expect(asked).toEqual([]);
  });

  test.each(['/unknown', '/helpme', 'what does /help do?', '/', '//help'])(
    '%j is no command: the model is asked',
    async (text) => {
      const { asked, says } = createChat();
      expect(await says(text)).toEqual({ text: 'hi', remember: true });
      expect(asked).toEqual([[{ role: 'user', content: text }]]);
    },
  );
});

describe('the model', () => {
  test('gets the context, oldest first, and then the question', async () => {
    const context: ChatMessage[] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const { asked, says } = createChat(async () => ' \n c \n');
    expect(await says('d', context)).toEqual({ text: 'c', remember: true });
    expect(asked).toEqual([[...context, { role: 'user', content: 'd' }]]);
  });

  test.each(['', ' \n\t'])('answers %j: an apology that is not remembered', async (empty) => {
    const { says } = createChat(async () => empty);
    expect(await says('hello')).toEqual({ text: phrases.emptyAnswer, remember: false });
  });

  test('fails: an apology that is not remembered and tells nothing of the cause', async () => {
    const { says } = createChat(() => Promise.reject(new ModelError('credentials', '401', 'sk-1 is wrong')));
    expect(await says('hello')).toEqual({ text: phrases.modelFailed, remember: false });
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
    const { says } = createChat((signal) => {
      caller.abort();
      expect(signal.aborted).toBe(true);
      return Promise.reject(error);
    });
    await expect(says('hello', [], caller.signal)).rejects.toBe(error);
  });
});
