// The bot against the LiteLLM proxy, a real server: streams, reasoning, errors, usage, keys and names.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fitContext } from '../../../bot/model/fit-context.ts';
import type { ModelError } from '../../../bot/model/model.ts';
import { startBotAndLab } from '../../support/bot-and-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { useEndpoints } from './endpoint.ts';
import { type LiteLlmProxy, startLiteLlm } from './litellm-proxy.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const messages = [
  { role: 'user' as const, content: 'one' },
  { role: 'assistant' as const, content: 'two' },
  { role: 'user' as const, content: 'What is the capital of France?' },
];
const PARIS = 'The capital of France is Paris. 法国的首都是巴黎。';
let proxy: LiteLlmProxy;

beforeAll(async () => {
  proxy = await startLiteLlm();
});
afterAll(() => proxy.stop());

/** Creates a model with generous timeouts, because the proxy may run on a busy machine. */
const modelOf = (name: string, options = {}) =>
  endpoints.model({
    baseUrls: [proxy.baseUrl],
    apiKey: proxy.apiKey,
    name,
    timeoutMs: 120_000,
    silenceMs: 60_000,
    // The tokenizer of the proxy counts after the answer.
    endMs: 60_000,
    random: () => 0,
    ...options,
  });
const failureOf = (model: ReturnType<typeof modelOf>) =>
  model.complete({ messages, signal: never }).then(String, (error: ModelError) => error.class);

test('an answer streams, and its usage is the count of the proxy', async () => {
  const model = modelOf('paris');
  const shown: string[] = [];
  expect(
    await model.complete({ system: 'Be brief.', messages, signal: never, onText: (text) => shown.push(text) }),
  ).toBe(PARIS);
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.every((text) => PARIS.startsWith(text))).toBe(true);
  expect(model.reports).toEqual([
    {
      model: 'first',
      outcome: 'success',
      durationSeconds: expect.any(Number),
      firstTokenSeconds: expect.any(Number),
      promptTokens: expect.any(Number),
      completionTokens: expect.any(Number),
    },
  ]);
  const [{ promptTokens = 0, completionTokens = 0 } = {}] = model.reports;
  // The tokenizer of the proxy counts about 25 and 22; the estimates are 11 and 22.
  expect(promptTokens).toBeGreaterThan(15);
  expect(completionTokens).toBeGreaterThan(5);
});

test('reasoning in the content is not shown', async () => {
  const shown: string[] = [];
  const answer = await modelOf('thinker').complete({ messages, signal: never, onText: (text) => shown.push(text) });
  expect({ answer, hidden: shown.some((text) => /HIDDEN|think/.test(text)) }).toEqual({
    answer: 'The capital is Paris.',
    hidden: false,
  });
});

describe('an error response', () => {
  test.each([
    { name: 'throttled', is: 'rate_limited', calls: 1 },
    { name: 'short', is: 'context_length', calls: 1 },
    { name: 'broken', is: 'server_error', calls: 2 },
    { name: 'down', is: 'server_error', calls: 2 },
    { name: 'unknown-model', is: 'model_not_found', calls: 1 },
  ])('of the model $name is classified as $is', async ({ name, is, calls }) => {
    const model = modelOf(name);
    expect(await failureOf(model)).toBe(is);
    expect(model.reports).toHaveLength(calls);
  });

  test.each(['sk-wrong', undefined])('to the key %s is classified as credentials', async (apiKey) => {
    expect(await failureOf(modelOf('paris', { apiKey }))).toBe('credentials');
  });

  test('for length is retried with half of the context', async () => {
    const model = modelOf('short');
    const asked = fitContext(model, { maxTokens: 8_000 }).complete({ messages, signal: never });
    await expect(asked).rejects.toMatchObject({ class: 'context_length' });
    expect(model.reports).toHaveLength(2);
  });
});

test('the bot replies with the answer that the proxy streams', async () => {
  const running = await startBotAndLab({
    env: { MODEL_BASE_URL: proxy.baseUrl, MODEL_API_KEY: proxy.apiKey, MODEL_NAME: 'thinker' },
  });
  try {
    const { messageId } = await running.lab.feishu.sendText({ text: 'What is the capital of France?' });
    const reply = await running.lab.feishu.waitForReply({ afterMessageId: messageId, timeoutMs: PATIENCE_MS });
    expect(reply.text).toBe('The capital is Paris.');
  } finally {
    await running.stop();
  }
});
