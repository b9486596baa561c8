// Error responses of all providers: their class, and the reaction of the bot.
import { describe, expect, test } from '@jest/globals';
import { PROVIDERS } from '../../../bot/model/error-codes.ts';
import { failureMessage } from '../../../bot/model/failure-messages.ts';
import { errorInAnswer } from '../../../bot/model/failures.ts';
import { fitContext } from '../../../bot/model/fit-context.ts';
import type { ModelError } from '../../../bot/model/model.ts';
import { contentChunk, events, useEndpoints } from './endpoint.ts';
import { RECORDED_ERRORS, type RecordedError } from './recorded-errors.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const messages = [
  { role: 'user' as const, content: 'one' },
  { role: 'assistant' as const, content: 'two' },
  { role: 'user' as const, content: 'hello' },
];
const bodyOf = ({ body }: RecordedError) => (typeof body === 'string' ? body : JSON.stringify(body));

describe('an error response', () => {
  test.each(
    RECORDED_ERRORS.map(
      (recorded) => [`${recorded.provider} ${recorded.status} ${bodyOf(recorded)}`, recorded] as const,
    ),
  )('%s', async (_name, recorded) => {
    if (recorded.host) {
      expect(classAt(recorded.host, recorded)).toBe(recorded.is);
      return;
    }
    const { baseUrl } = await endpoints.endpoint(
      (_request, response) => void response.writeHead(recorded.status).end(bodyOf(recorded)),
    );
    const model = endpoints.model({ baseUrls: [baseUrl], random: () => 0 });
    const error: ModelError = await model.complete({ messages, signal: never }).then(String, (thrown) => thrown);
    expect(error.class).toBe(recorded.is);
    expect(`${error.code} ${error.message}`).not.toContain('HIDDEN');
  });

  /** Classifies the error inside an answer, because a test cannot call the host of the provider. */
  function classAt(host: string, { body, status }: RecordedError) {
    const { error } = body as { error: object };
    return errorInAnswer({ error: { status, ...error, message: 'You exceeded your current quota.' } }, host)?.class;
  }

  test.each([
    { you_wrote: 'HIDDEN' },
    { error: { code: 400, message: 'Provider returned error', metadata: { raw: 'HIDDEN', flagged_input: 'HIDDEN' } } },
    { detail: [{ loc: ['body', 'messages'], msg: 'Input should be shorter', input: 'HIDDEN', ctx: { x: 'HIDDEN' } }] },
  ])('%j brings no chat text into the log', async (body) => {
    const { baseUrl } = await endpoints.endpoint(
      (_request, response) => void response.writeHead(400).end(JSON.stringify(body)),
    );
    const model = endpoints.model({ baseUrls: [baseUrl] });
    await expect(model.complete({ messages, signal: never })).rejects.toMatchObject({ class: 'bad_request' });
    const error = model.reports[0]?.error;
    expect(`${error?.code} ${error?.message}`).not.toContain('HIDDEN');
  });

  test.each([
    { name: 'JSON longer than the read limit', body: `{"x":"HIDDEN","input":"${'HIDDEN'.repeat(200_000)}"}`, is: '' },
    { name: 'a list of an unknown shape', body: '[{"input":"HIDDEN"}]', is: '' },
    { name: 'truncated JSON', body: '{"detail":[{"msg":"Field required","input":"HIDDEN', is: '' },
    { name: 'JSON in an event', body: 'id: 1\nevent: error\ndata: {"x":"HIDDEN"}\n\n', is: '' },
    { name: 'truncated JSON in an event', body: 'data:{"x":"HIDDEN', is: '' },
    { name: 'an error in an event', body: 'event:error\ndata:{"code":"X","message":"No."}\n\n', is: 'No.' },
  ])('$name brings no chat text into the log', async ({ body, is }) => {
    const { baseUrl } = await endpoints.endpoint((_request, response) => void response.writeHead(422).end(body));
    const model = endpoints.model({ baseUrls: [baseUrl] });
    await expect(model.complete({ messages, signal: never })).rejects.toMatchObject({ class: 'bad_request' });
    expect(model.reports[0]?.error).toMatchObject({ message: is });
  });

  test.each([10, 1_000_000])(
    'is classified by its message, also beside %i characters of the request',
    async (length) => {
      const body = `{"message":"This model's maximum context length is 10 tokens.","input":"${'x'.repeat(length)}"}`;
      const { baseUrl } = await endpoints.endpoint((_request, response) => void response.writeHead(400).end(body));
      const model = endpoints.model({ baseUrls: [baseUrl] });
      await expect(model.complete({ messages, signal: never })).rejects.toMatchObject({ class: 'context_length' });
    },
  );

  test.each([
    { name: 'is cut', silenceMs: 60_000, cut: true },
    { name: 'does not end', silenceMs: 300, cut: false },
  ])('is classified by its status if its body $name', async ({ silenceMs, cut }) => {
    const { baseUrl } = await endpoints.endpoint((_request, response) => {
      response.writeHead(401, { 'content-length': '100' });
      response.write('{"err', () => (cut ? response.destroy() : undefined));
    });
    const model = endpoints.model({ baseUrls: [baseUrl], silenceMs });
    await expect(model.complete({ messages, signal: never })).rejects.toMatchObject({ class: 'credentials' });
    expect(model.reports).toHaveLength(1);
  });

  test('is recorded for each provider of the table', () => {
    const recorded = new Set(RECORDED_ERRORS.map(({ provider }) => provider));
    const known = Object.keys(PROVIDERS).map((name) => name.replace(/,.*/, ''));
    expect(known.filter((name) => !recorded.has(name))).toEqual([]);
    expect(Object.values(PROVIDERS).every(({ page }) => page.startsWith('https://'))).toBe(true);
  });
});

describe('reaction to an error response', () => {
  const find = (provider: string, text: string) => {
    const found = RECORDED_ERRORS.find((one) => one.provider === provider && bodyOf(one).includes(text));
    if (!found) throw new Error(`not recorded: ${provider} ${text}`);
    return found;
  };

  test.each([
    { recorded: find('Zhipu', '1301'), sentence: /rephrase/, asked: 1, fallback: false },
    { recorded: find('Zhipu', '1113'), sentence: /operators/, asked: 1, fallback: true },
    { recorded: find('Moonshot', 'token limit: 8192'), sentence: /too long/, asked: 2, fallback: false },
    { recorded: find('DashScope', '#token-limit'), sentence: /in a minute/, asked: 1, fallback: true },
    { recorded: find('OpenAI', 'insufficient_quota'), sentence: /operators/, asked: 1, fallback: true },
    { recorded: find('MiniMax', '1026'), sentence: /rephrase/, asked: 1, fallback: false },
    { recorded: find('Ollama', 'runner'), sentence: /try again in a moment/, asked: 2, fallback: true },
  ])(
    '$recorded.provider $recorded.status as $recorded.is: $asked calls, fallback: $fallback',
    async ({ recorded, sentence, asked, fallback }) => {
      const failing = await endpoints.endpoint(
        (_request, response) => void response.writeHead(recorded.status).end(bodyOf(recorded)),
      );
      const model = endpoints.model({ baseUrls: [failing.baseUrl], random: () => 0 });
      const error: ModelError = await fitContext(model, { maxTokens: 8_000 })
        .complete({ messages, signal: never })
        .then(String, (thrown) => thrown);
      expect(failureMessage(error)).toMatch(sentence);
      expect(failing.asked).toHaveLength(asked);

      const healthy = await endpoints.endpoint(
        (_request, response) => void response.end(events(contentChunk('hi'), '[DONE]')),
      );
      const both = endpoints.model({ baseUrls: [failing.baseUrl, healthy.baseUrl], random: () => 0 });
      await both.complete({ messages, signal: never }).catch(() => {});
      expect(healthy.asked).toHaveLength(fallback ? 1 : 0);
    },
  );

  test('a conversation that is too long is retried with half of the context', async () => {
    const recorded = find('Moonshot', 'token limit: 8192');
    const endpoint = await endpoints.endpoint((_request, response) =>
      endpoint.asked.length === 1
        ? void response.writeHead(recorded.status).end(bodyOf(recorded))
        : void response.end(events(contentChunk('hi'), '[DONE]')),
    );
    const model = fitContext(endpoints.model({ baseUrls: [endpoint.baseUrl] }), { maxTokens: 8_000 });
    expect(await model.complete({ messages, signal: never })).toBe('hi');
    expect(endpoint.asked.map(({ body }) => (body as { messages: unknown[] }).messages.length)).toEqual([3, 1]);
  });
});
