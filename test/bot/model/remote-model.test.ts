// The remote model against the lab's model server: answers, faults, and the second endpoint.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ModelError } from '../../../bot/model/model.ts';
import { type FaultName, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const credentials = generateCredentials();
const { apiKey } = credentials.model;
const hello = [{ role: 'user' as const, content: 'hello' }];
const spoken = "You said: hello\n\n(The lab's model read it with 0 earlier messages as context.)";
const never = new AbortController().signal;
const seconds = expect.any(Number);
let first: Lab;
let second: Lab;

beforeEach(async () => {
  [first, second] = (await Promise.all([1, 2].map(() => startLab({ credentials, botUrl: 'http://127.0.0.1:9' })))) as [
    Lab,
    Lab,
  ]; // as many as were started
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const modelOf = (options = {}) => endpoints.model({ baseUrls: [`${first.urls.model}/v1`], apiKey, ...options });
const withFallback = (options = {}) =>
  modelOf({ baseUrls: [`${first.urls.model}/v1`, `${second.urls.model}/v1`], ...options });

/** The error of a call, and what was reported of each endpoint. */
async function failureOf(model: ReturnType<typeof modelOf>, messages = hello) {
  const error = await model.complete({ messages, signal: never }).then(
    (text) => ({ class: `answered: ${text}`, code: '' }),
    (thrown: ModelError) => thrown,
  );
  const reported = model.reports.map((report) => report.error?.class ?? report.outcome);
  return { class: error.class, code: error.code, reported };
}

test('an answer comes with its tokens and times', async () => {
  first.model.delayMs = 100;
  const model = modelOf();
  const context = [
    { role: 'user' as const, content: 'one' },
    { role: 'assistant' as const, content: 'two' },
  ];
  expect(await model.complete({ messages: [...context, { role: 'user', content: '你好' }], signal: never })).toBe(
    "You said: 你好\n\n(The lab's model read it with 2 earlier messages as context.)",
  );
  expect(model.reports).toEqual([
    { outcome: 'success', durationSeconds: seconds, firstTokenSeconds: seconds, promptTokens: 3, completionTokens: 19 },
  ]);
  const [{ durationSeconds = 0, firstTokenSeconds = 0 } = {}] = model.reports;
  expect(firstTokenSeconds).toBeGreaterThanOrEqual(0.049);
  expect(durationSeconds).toBeGreaterThan(firstTokenSeconds);
  expect(durationSeconds).toBeLessThan(2);
});

describe('without a second endpoint', () => {
  test.each<{ name: string; fault?: FaultName; options?: object; messages?: typeof hello; error: object }>([
    { name: 'a revoked key', fault: 'model-401', error: { class: 'credentials', code: 'invalid_api_key' } },
    { name: 'a wrong key', options: { apiKey: 'sk-other' }, error: { class: 'credentials', code: 'invalid_api_key' } },
    { name: 'no key', options: { apiKey: undefined }, error: { class: 'credentials', code: 'invalid_api_key' } },
    { name: 'a wrong name', options: { name: 'gpt' }, error: { class: 'model_not_found', code: 'model_not_found' } },
    {
      name: 'too long a conversation',
      messages: [{ role: 'user', content: 'x'.repeat(140_000) }],
      error: { class: 'context_length', code: 'context_length_exceeded' },
    },
    { name: 'a failing server', fault: 'model-500', error: { class: 'server_error', code: 'internal_error' } },
    { name: 'a server that is down', fault: 'model-down', error: { class: 'network', code: 'ECONNREFUSED' } },
    {
      name: 'a slow server',
      fault: 'model-slow',
      options: { timeoutMs: 200 },
      error: { class: 'timeout', code: 'ETIMEDOUT' },
    },
  ])('$name is one error, counted once', async ({ fault, options, messages, error }) => {
    if (fault) await first.setFault(fault, true);
    expect(await failureOf(modelOf(options), messages)).toEqual({ ...error, reported: [Reflect.get(error, 'class')] });
  });

  test('half an answer is no answer', async () => {
    await first.setFault('model-stream-cut', true);
    const model = modelOf();
    expect(await failureOf(model)).toMatchObject({ class: 'stream_cut', reported: ['stream_cut'] });
    expect(model.reports).toEqual([{ outcome: 'failure', durationSeconds: seconds, error: expect.any(Error) }]);
  });
});

describe('with a second endpoint', () => {
  test.each<{ fault: FaultName; reported: string[]; options?: object }>([
    { fault: 'model-500', reported: ['server_error', 'success'] },
    { fault: 'model-down', reported: ['network', 'success'] },
    { fault: 'model-stream-cut', reported: ['stream_cut', 'success'] },
    { fault: 'model-slow', reported: ['timeout', 'success'], options: { timeoutMs: 300 } },
  ])('$fault: it answers', async ({ fault, reported, options }) => {
    await first.setFault(fault, true);
    const model = withFallback(options);
    expect(await model.complete({ messages: hello, signal: never })).toBe(spoken);
    expect(model.reports.map((report) => report.error?.class ?? report.outcome)).toEqual(reported);
  });

  test.each<{ name: string; fault?: FaultName; options?: object; class: string }>([
    { name: 'a refused key', fault: 'model-401', class: 'credentials' },
    { name: 'an unknown model', options: { name: 'gpt' }, class: 'model_not_found' },
  ])('$name would be refused there as well: it is not asked', async ({ fault, options, class: errorClass }) => {
    if (fault) await first.setFault(fault, true);
    expect(await failureOf(withFallback(options))).toMatchObject({ class: errorClass, reported: [errorClass] });
    expect(second.model.requests).toBe(0);
  });

  test('a healthy first endpoint is the only one asked', async () => {
    await withFallback().complete({ messages: hello, signal: never });
    expect([first.model.requests, second.model.requests]).toEqual([1, 0]);
  });

  test('when both fail, the last error is told and both are reported', async () => {
    await first.setFault('model-500', true);
    await second.setFault('model-down', true);
    expect(await failureOf(withFallback())).toEqual({
      class: 'network',
      code: 'ECONNREFUSED',
      reported: ['server_error', 'network'],
    });
  });
});

test.each([{ after: 0 }, { after: 100 }])(
  'a call given up after $after ms ends at once, and no other endpoint is asked',
  async ({ after }) => {
    first.model.delayMs = 5_000;
    const caller = new AbortController();
    const model = withFallback();
    const call = model.complete({ messages: hello, signal: caller.signal });
    await wait(after);
    caller.abort();
    await expect(call).rejects.toMatchObject({ kind: 'aborted', code: 'ABORT_ERR' });
    expect({ reports: model.reports, asked: second.model.requests }).toEqual({ reports: [], asked: 0 });
  },
);
