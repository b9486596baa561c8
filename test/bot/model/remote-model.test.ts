// The remote model against the model server of the lab: answers, faults, and the fallback endpoint.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ModelError } from '../../../bot/model/model.ts';
import { type FaultName, generateCredentials, type Lab, startLab } from '../../../ops/lab/start-lab.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const credentials = generateCredentials();
const { apiKey } = credentials.model;
const hello = [{ role: 'user' as const, content: 'hello' }];
const fullAnswer = "You said: hello\n\n(The lab's model read it with 0 earlier messages as context.)";
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

/** Returns the error of a call, and the report of each endpoint call. */
async function failureOf(model: ReturnType<typeof modelOf>, messages = hello) {
  const error = await model.complete({ messages, signal: never }).then(
    (text) => ({ class: `answered: ${text}`, code: '' }),
    (thrown: ModelError) => thrown,
  );
  const reported = model.reports.map((report) => report.error?.class ?? report.outcome);
  return { class: error.class, code: error.code, reported };
}

test('reports the tokens and times of an answer', async () => {
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
    {
      model: 'first',
      outcome: 'success',
      durationSeconds: seconds,
      firstTokenSeconds: seconds,
      promptTokens: 3,
      completionTokens: 19,
    },
  ]);
  const [{ durationSeconds = 0, firstTokenSeconds = 0 } = {}] = model.reports;
  expect(firstTokenSeconds).toBeGreaterThanOrEqual(0.049);
  expect(durationSeconds).toBeGreaterThan(firstTokenSeconds);
  expect(durationSeconds).toBeLessThan(PATIENCE_MS / 1000);
});

describe('without a fallback endpoint', () => {
  test.each<{
    name: string;
    fault?: FaultName;
    options?: object;
    messages?: typeof hello;
    error: object;
    reported: string[];
  }>([
    {
      name: 'a revoked key',
      fault: 'model-401',
      error: { class: 'credentials', code: 'invalid_api_key' },
      reported: ['credentials'],
    },
    {
      name: 'a wrong key',
      options: { apiKey: 'sk-other' },
      error: { class: 'credentials', code: 'invalid_api_key' },
      reported: ['credentials'],
    },
    {
      name: 'no key',
      options: { apiKey: undefined },
      error: { class: 'credentials', code: 'invalid_api_key' },
      reported: ['credentials'],
    },
    {
      name: 'a wrong name',
      options: { name: 'gpt' },
      error: { class: 'model_not_found', code: 'model_not_found' },
      reported: ['model_not_found'],
    },
    {
      name: 'a conversation that is too long',
      messages: [{ role: 'user', content: 'x'.repeat(140_000) }],
      error: { class: 'context_length', code: 'context_length_exceeded' },
      reported: ['context_length'],
    },
    {
      name: 'a filtered question',
      fault: 'model-filter-question',
      error: { class: 'content_filter', code: 'content_filter' },
      reported: ['content_filter'],
    },
    {
      name: 'a filtered answer',
      fault: 'model-filter-answer',
      error: { class: 'content_filter', code: 'content_filter' },
      reported: ['content_filter'],
    },
    {
      name: 'a failing server, called twice,',
      fault: 'model-500',
      error: { class: 'server_error', code: 'internal_error' },
      reported: ['server_error', 'server_error'],
    },
    {
      name: 'a server that is down, called twice,',
      fault: 'model-down',
      error: { class: 'network', code: 'ECONNREFUSED' },
      reported: ['network', 'network'],
    },
    {
      name: 'an incomplete answer, called twice,',
      fault: 'model-stream-cut',
      error: { class: 'stream_cut', code: 'ECONNRESET' },
      reported: ['stream_cut', 'stream_cut'],
    },
    {
      name: 'a server that exceeds the total time',
      fault: 'model-slow',
      options: { timeoutMs: 200 },
      error: { class: 'timeout', code: 'ETIMEDOUT' },
      reported: ['timeout'],
    },
    {
      name: 'a server that does not start to answer',
      fault: 'model-slow-start',
      options: { silenceMs: 200 },
      error: { class: 'timeout', code: 'SILENT' },
      reported: ['timeout'],
    },
    {
      name: 'a server that stops sending',
      fault: 'model-stream-stall',
      options: { silenceMs: 200 },
      error: { class: 'timeout', code: 'SILENT' },
      reported: ['timeout'],
    },
  ])('$name returns one error', async ({ fault, options, messages, error, reported }) => {
    if (fault) await first.setFault(fault, true);
    expect(await failureOf(modelOf(options), messages)).toEqual({ ...error, reported });
  });

  test.each<FaultName>([
    'model-no-stream',
    'model-reasons',
    'model-reasons-in-tags',
    'model-reasons-unopened',
    'model-odd-shapes',
  ])('answers in spite of %s', async (fault) => {
    await first.setFault(fault, true);
    const model = modelOf();
    expect(await model.complete({ messages: hello, signal: never })).toBe(fullAnswer);
    expect(model.reports).toMatchObject([{ outcome: 'success', promptTokens: 2, completionTokens: 20 }]);
  });
});

test('an answer may last longer than the timeout without data', async () => {
  first.model.delayMs = 4_000;
  const model = modelOf({ silenceMs: 3_500 });
  expect(await model.complete({ messages: hello, signal: never })).toBe(fullAnswer);
  expect(model.reports[0]?.durationSeconds).toBeGreaterThan(3.9);
});

test('closes the connection after a timeout without data', async () => {
  const silent = await endpoints.endpoint((_request, response) => void response.writeHead(200).flushHeaders());
  const model = endpoints.model({ baseUrls: [silent.baseUrl], silenceMs: 100 });
  await expect(model.complete({ messages: hello, signal: never })).rejects.toMatchObject({ code: 'SILENT' });
  await waitUntil('the connection is closed', () => silent.open.size === 0);
});

test('streams the answer', async () => {
  const streamed: string[] = [];
  await modelOf().complete({ messages: hello, signal: never, onText: (soFar) => streamed.push(soFar) });
  expect(streamed.length).toBeGreaterThan(3);
  expect(streamed.every((text, index) => text.startsWith(streamed[index - 1] ?? ''))).toBe(true);
  expect(streamed.at(-1)).toBe(fullAnswer);
});

test('sends the instructions before the messages', async () => {
  await modelOf().complete({ system: 'Be brief.', messages: hello, signal: never });
  expect(first.model.received[0]?.body).toMatchObject({
    messages: [{ role: 'system', content: 'Be brief.' }, ...hello],
  });
});

describe('with a fallback endpoint', () => {
  test.each<{ fault: FaultName; reported: string[]; options?: object }>([
    { fault: 'model-500', reported: ['server_error', 'server_error', 'success'] },
    { fault: 'model-down', reported: ['network', 'network', 'success'] },
    { fault: 'model-stream-cut', reported: ['stream_cut', 'stream_cut', 'success'] },
    { fault: 'model-slow-start', reported: ['timeout', 'success'], options: { silenceMs: 3_000 } },
    { fault: 'model-stream-stall', reported: ['timeout', 'success'], options: { silenceMs: 3_000 } },
    { fault: 'model-401', reported: ['credentials', 'success'] },
  ])('answers after $fault at the first endpoint', async ({ fault, reported, options }) => {
    await first.setFault(fault, true);
    const model = withFallback(options);
    expect(await model.complete({ messages: hello, signal: never })).toBe(fullAnswer);
    expect(model.reports.map((report) => report.error?.class ?? report.outcome)).toEqual(reported);
    expect(model.reports.map((report) => report.model)).toEqual(
      reported.map((is) => (is === 'success' ? 'second' : 'first')),
    );
  });

  test('is not called for a failure that the question caused', async () => {
    await first.setFault('model-filter-question', true);
    expect(await failureOf(withFallback())).toMatchObject({ class: 'content_filter', reported: ['content_filter'] });
    expect(second.model.received).toEqual([]);
  });

  test('is not called if the first endpoint answers', async () => {
    await withFallback().complete({ messages: hello, signal: never });
    expect([first.model.requests, second.model.requests]).toEqual([1, 0]);
  });

  test('if both fail, returns the last error and reports all calls', async () => {
    await first.setFault('model-500', true);
    await second.setFault('model-down', true);
    expect(await failureOf(withFallback())).toEqual({
      class: 'network',
      code: 'ECONNREFUSED',
      reported: ['server_error', 'server_error', 'network', 'network'],
    });
  });

  test('the time for one answer covers both endpoints', async () => {
    for (const lab of [first, second]) await lab.setFault('model-stall', true);
    // The timeouts without data would end the second call after 6 s in total.
    expect(await failureOf(withFallback({ timeoutMs: 4_500, silenceMs: 3_000 }))).toEqual({
      class: 'timeout',
      code: 'ETIMEDOUT',
      reported: ['timeout', 'timeout'],
    });
  });
});

test.each([{ after: 0 }, { after: 100 }])(
  'a call that is aborted after $after ms ends at once, and no other endpoint is called',
  async ({ after }) => {
    first.model.delayMs = 10 * PATIENCE_MS;
    const caller = new AbortController();
    const model = withFallback();
    const call = model.complete({ messages: hello, signal: caller.signal });
    await wait(after);
    caller.abort();
    await expect(call).rejects.toMatchObject({ kind: 'aborted', code: 'ABORT_ERR' });
    expect({ reports: model.reports, asked: second.model.requests }).toEqual({ reports: [], asked: 0 });
  },
);
