// Checks the fake model: the chat completion protocol, streamed and in one piece, and its faults.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Listener, listen } from '../../../ops/lab/common/listener.ts';
import type { FaultName } from '../../../ops/lab/faults.ts';
import { createFakeModel, type FakeModel } from '../../../ops/lab/model/fake-model.ts';
import { postJson } from './post-json.ts';

const model = { apiKey: 'sk-lab', name: 'lab-model' };
const authorization = `Bearer ${model.apiKey}`;
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
  { role: 'user', content: '三 🚀' },
];
const expected = "You said: 三 🚀\n\n(The lab's model read it with 2 earlier messages as context.)";
let faults: Set<FaultName>;
let fake: FakeModel;
let server: Listener;
let stop: () => void;

beforeEach(async () => {
  faults = new Set();
  const created = createFakeModel({ model, faults, delayMs: 0 });
  fake = created.fake;
  stop = created.stop;
  server = await listen('model', 0, created.handler);
});
afterEach(async () => {
  stop();
  await server.close();
});

const ask = (fields: object, headers: Record<string, string> = { authorization }) =>
  postJson(`${server.url}/v1/chat/completions`, { model: model.name, messages, ...fields }, headers);

async function readStream(fields: object = {}) {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ model: model.name, messages, stream: true, ...fields }),
  });
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void events.push(event) });
  parser.feed(await response.text());
  const chunks = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data));
  return { type: response.headers.get('content-type'), chunks, last: events.at(-1)?.data };
}

test('answers in one piece', async () => {
  const { status, body } = await ask({});
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'lab-model',
      choices: [{ index: 0, message: { role: 'assistant', content: expected }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 6, completion_tokens: 20, total_tokens: 26 },
    },
  });
});

test.each([
  [true, [{ prompt_tokens: 6, completion_tokens: 20, total_tokens: 26 }]],
  [false, []],
])('streams an answer (usage requested: %s)', async (include_usage, usages) => {
  const { type, chunks, last } = await readStream({ stream_options: { include_usage } });
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  const finished = chunks.filter((chunk) => chunk.choices[0]?.finish_reason === 'stop').length;
  expect({ type, text, last, finished, usages: chunks.flatMap((chunk) => chunk.usage ?? []) }).toEqual({
    type: 'text/event-stream; charset=utf-8',
    text: expected,
    last: '[DONE]',
    finished: 1,
    usages,
  });
  expect(chunks.length).toBeGreaterThan(3);
});

test.each([
  ['a wrong key', {}, { authorization: 'Bearer sk-other' }, 401, 'invalid_api_key'],
  ['no key', {}, {}, 401, 'invalid_api_key'],
  ['another model', { model: 'gpt-9' }, { authorization }, 404, 'model_not_found'],
  ['no messages', { messages: [] }, { authorization }, 400, 'invalid_value'],
  ['an unknown role', { messages: [{ role: 'bot', content: 'x' }] }, { authorization }, 400, 'invalid_value'],
  [
    'too long a context',
    { messages: [{ role: 'user', content: 'x'.repeat(4 * 32_768 + 1) }] },
    { authorization },
    400,
    'context_length_exceeded',
  ],
])('rejects %s', async (_name, fields, headers: Record<string, string>, status, code) => {
  const answer = await ask(fields, headers);
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code } },
  });
  expect(fake.requests).toBe(0);
});

test('stores the last hundred requests, rejected or not', async () => {
  await ask({}, { authorization: 'Bearer sk-other' });
  await ask({});
  expect(fake.received.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ['/v1/chat/completions', 'Bearer sk-other'],
    ['/v1/chat/completions', authorization],
  ]);
  expect(fake.received[1]?.body).toEqual({ model: model.name, messages });
  for (let count = 0; count < 100; count += 1) await ask({ model: `m${count}` });
  expect(fake.received).toHaveLength(100);
});

test('rejects a request above a smaller context', async () => {
  fake.contextTokens = 5;
  expect(await ask({})).toMatchObject({ status: 400, body: { error: { code: 'context_length_exceeded' } } });
});

test('lists the models', async () => {
  const response = await fetch(`${server.url}/v1/models`, { headers: { authorization } });
  expect(await response.json()).toMatchObject({ object: 'list', data: [{ id: 'lab-model' }] });
});

describe('faults', () => {
  test.each([
    ['model-401', 401],
    ['model-500', 500],
  ] as const)('rejects requests with %s', async (name, status) => {
    faults.add(name);
    expect((await ask({})).status).toBe(status);
  });

  test.each([true, false])('cuts the connection (streamed: %s)', async (stream) => {
    faults.add('model-stream-cut');
    const answer = fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ model: model.name, messages, stream }),
    });
    await expect(answer.then((response) => response.text())).rejects.toThrow(/terminated|fetch failed/);
  });

  test('sends retry-after with the throttle', async () => {
    faults.add('model-429');
    const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers: { authorization } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
  });

  test('filters the question, and the answer halfway', async () => {
    faults.add('model-filter-question');
    expect(await ask({})).toMatchObject({ status: 400, body: { error: { code: 'content_filter' } } });
    faults.delete('model-filter-question');
    faults.add('model-filter-answer');
    expect((await ask({})).body).toMatchObject({
      choices: [{ message: { content: '' }, finish_reason: 'content_filter' }],
    });
    const { chunks, last } = await readStream();
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'content_filter' }] });
    expect(chunks.length).toBeGreaterThan(2);
    expect(last).toBe('[DONE]');
  });

  test('answers in one piece although a stream is requested', async () => {
    faults.add('model-no-stream');
    expect((await ask({ stream: true })).body).toMatchObject({ choices: [{ message: { content: expected } }] });
  });

  test('streams reasoning before the answer', async () => {
    faults.add('model-reasons');
    const { chunks } = await readStream();
    const kinds = chunks.map((chunk) => Object.keys(chunk.choices[0].delta).at(-1)).filter(Boolean);
    expect([...new Set(kinds.slice(1))]).toEqual(['reasoning_content', 'content']);
  });

  test.each([
    { fault: 'model-reasons-in-tags', before: /^<think>\n.+\n<\/think>\n\nYou said/ },
    { fault: 'model-reasons-unopened', before: /^The user .+\n<\/think>\n\nYou said/ },
  ] as const)('sends reasoning as a part of the content: $fault', async ({ fault, before }) => {
    faults.add(fault);
    const { chunks } = await readStream();
    const contents = chunks.map((chunk) => chunk.choices[0].delta.content ?? '');
    expect(contents.join('')).toMatch(before);
    expect((await ask({})).body).toMatchObject({ choices: [{ message: { content: contents.join('') } }] });
  });

  test('sends odd shapes: parts, and partial usage in every chunk', async () => {
    faults.add('model-odd-shapes');
    const { chunks } = await readStream();
    const parts = chunks.flatMap((chunk) => chunk.choices[0].delta.content || []);
    expect(parts.map(({ text }: { text: string }) => text).join('')).toBe(expected);
    expect(chunks.every(({ usage }) => usage.total_tokens > 0 && usage.completion_tokens === undefined)).toBe(true);
    expect((await ask({})).body).toMatchObject({
      choices: [{ message: { content: [{ type: 'text', text: expected }] } }],
    });
  });

  test('falls silent halfway until the connection ends', async () => {
    faults.add('model-stream-stall');
    const silence = AbortSignal.timeout(300);
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ model: model.name, messages, stream: true }),
      signal: silence,
    });
    await expect(response.text()).rejects.toThrow(/aborted due to timeout/);
  });

  test('begins late', async () => {
    faults.add('model-slow-start');
    const started = performance.now();
    await ask({});
    expect(performance.now() - started).toBeGreaterThanOrEqual(4_990);
  });

  test('answers two seconds later', async () => {
    faults.add('model-slow');
    const started = performance.now();
    await ask({});
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_990);
  });
});

test('spends half of the delay before the first token, and half on the rest', async () => {
  fake.delayMs = 400;
  const started = performance.now();
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ model: model.name, messages, stream: true }),
  });
  const first = performance.now() - started;
  await response.text();
  const total = performance.now() - started;
  expect(first).toBeGreaterThanOrEqual(195);
  expect(first).toBeLessThan(total - 100);
  expect(total).toBeGreaterThanOrEqual(390);
});
