// Requests to a model, and the responses of different providers.
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { ModelError } from '../../../bot/model/model.ts';
import { contentChunk, events, finishChunk, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const hello = [{ role: 'user' as const, content: 'hello' }];
const usage = { choices: [], usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 } };

async function ask(answer: (response: ServerResponse) => unknown) {
  const { baseUrl } = await endpoints.endpoint((_request, response) => void answer(response));
  const model = endpoints.model({ baseUrls: [baseUrl] });
  const result = await model.complete({ messages: hello, signal: never }).catch((error: ModelError) => {
    return { class: error.class, code: error.code, message: error.message };
  });
  return { result, report: model.reports };
}

test.each([
  { name: 'all settings', options: { apiKey: 'sk-1', space: 'ws-1' }, sent: { key: 'Bearer sk-1', space: 'ws-1' } },
  { name: 'no key, no space', options: {}, sent: { key: undefined, space: undefined } },
])('the request with $name', async ({ options, sent }) => {
  const { baseUrl, asked } = await endpoints.endpoint((_request, response) =>
    response.end(events(contentChunk('hi'), '[DONE]')),
  );
  await endpoints.model({ baseUrls: [baseUrl], ...options }).complete({ messages: hello, signal: never });
  const [request] = asked;
  const { authorization: key, 'x-dashscope-workspace': space, accept } = request?.headers ?? {};
  expect({ ...request, headers: { key, space, accept } }).toEqual({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { ...sent, accept: 'text/event-stream' },
    body: { model: 'lab-model', messages: hello, stream: true, stream_options: { include_usage: true } },
  });
});

describe('an answer', () => {
  test.each([
    { name: 'in one piece', stream: events(contentChunk('hi'), '[DONE]'), text: 'hi' },
    {
      name: 'in several',
      stream: events(contentChunk('你'), contentChunk('好'), usage, '[DONE]'),
      text: '你好',
      tokens: [4, 2],
    },
    {
      name: 'without token counts, which are estimated',
      stream: events(contentChunk('你好吗'), '[DONE]'),
      text: '你好吗',
      tokens: [2, 3],
    },
    {
      name: 'that ends with a finish reason only',
      stream: events(contentChunk('hi'), finishChunk('stop')),
      text: 'hi',
    },
    {
      name: 'after reasoning in a separate field',
      stream: events({ choices: [{ delta: { reasoning_content: 'Hm.' } }] }, contentChunk('hi'), '[DONE]'),
      text: 'hi',
    },
    {
      name: 'that reached the length limit',
      stream: events(contentChunk('half'), finishChunk('length'), '[DONE]'),
      text: 'half\n\n(The answer was cut off here: it reached the maximum length.)',
      tokens: [2, 1],
    },
    {
      name: 'that reached the length limit, in Chinese',
      stream: events(contentChunk('一半'), finishChunk('length'), '[DONE]'),
      text: '一半\n\n（回答已达到长度上限，后续内容已截断。）',
      tokens: [2, 2],
    },
    {
      name: 'with comments and Windows line ends',
      stream: `: ping\r\n\r\n${events(contentChunk('hi')).replaceAll('\n', '\r\n')}data: [DONE]\r\n\r\n`,
      text: 'hi',
    },
    {
      name: 'with null for missing fields',
      stream: events(
        { choices: [{ delta: { role: 'assistant', content: null } }], usage: null, error: null },
        contentChunk('hi'),
        '[DONE]',
      ),
      text: 'hi',
    },
    { name: 'that is empty', stream: events({ choices: [{ delta: {}, finish_reason: 'stop' }] }, '[DONE]'), text: '' },
    { name: 'that ends without a last empty line', stream: `${events(contentChunk('hi'))}data: [DONE]\n`, text: 'hi' },
  ])('$name', async ({ stream, text, tokens }) => {
    const { result, report } = await ask((response) => response.end(stream));
    expect(result).toBe(text);
    const [promptTokens, completionTokens] = tokens ?? [2, text === '' ? 0 : 1];
    expect(report).toEqual([
      {
        model: 'first',
        outcome: 'success',
        durationSeconds: expect.any(Number),
        ...(text === '' ? {} : { firstTokenSeconds: expect.any(Number) }),
        promptTokens,
        completionTokens,
      },
    ]);
  });

  test.each([
    { content: 'hi', finish: 'stop', is: 'hi' },
    { content: null, finish: 'content_filter', is: { class: 'content_filter' } },
  ])(
    'in JSON, from an endpoint that does not stream, with the finish reason $finish',
    async ({ content, finish, is }) => {
      const body = {
        choices: [{ message: { role: 'assistant', content }, finish_reason: finish }],
        ...{ usage: usage.usage },
      };
      const { result } = await ask((response) =>
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body)),
      );
      if (typeof is === 'string') expect(result).toBe(is);
      else expect(result).toMatchObject(is);
    },
  );

  test('longer than a megabyte of events', async () => {
    const chunks = Array.from({ length: 20_000 }, () => ({
      ...contentChunk('word '),
      id: 'chatcmpl-000000000000000000000000',
    }));
    const { result } = await ask((response) => response.end(events(...chunks, '[DONE]')));
    expect(result).toBe('word '.repeat(20_000));
  });
});

describe('failed call', () => {
  const error = (message: string, code: string | number | null = null) => JSON.stringify({ error: { message, code } });

  test.each([
    {
      status: 429,
      body: error('Slow down.', 'rate_limit_exceeded'),
      is: ['rate_limited', 'rate_limit_exceeded', 'Slow down.'],
    },
    { status: 429, body: error('Pay.', 'insufficient_quota'), is: ['quota', 'insufficient_quota', 'Pay.'] },
    { status: 402, body: error('Pay.'), is: ['quota', 'HTTP 402', 'Pay.'] },
    { status: 403, body: error('No.'), is: ['credentials', 'HTTP 403', 'No.'] },
    { status: 404, body: '<html>nginx</html>', is: ['model_not_found', 'HTTP 404', '<html>nginx</html>'] },
    { status: 400, body: error('Pay.', 'Arrearage'), is: ['quota', 'Arrearage', 'Pay.'] },
    { status: 400, body: error('No.', 'content_filter'), is: ['content_filter', 'content_filter', 'No.'] },
    {
      status: 400,
      body: error('No.', 'data_inspection_failed'),
      is: ['content_filter', 'data_inspection_failed', 'No.'],
    },
    {
      status: 400,
      body: error("This model's maximum context length is 4096 tokens.", 400),
      is: ['context_length', '400', "This model's maximum context length is 4096 tokens."],
    },
    {
      status: 400,
      body: error('Range of input length should be [1, 6000]', 'invalid_parameter_error'),
      is: ['context_length', 'invalid_parameter_error', 'Range of input length should be [1, 6000]'],
    },
    {
      status: 400,
      body: error('No.', 'SensitiveContentDetected'),
      is: ['content_filter', 'SensitiveContentDetected', 'No.'],
    },
    { status: 400, body: error('No.', 1234), is: ['bad_request', '1234', 'No.'] },
    { status: 302, body: '', is: ['bad_request', 'HTTP 302', ''] },
    { status: 502, body: 'x'.repeat(5_000), is: ['server_error', 'HTTP 502', 'x'.repeat(200)] },
  ])('HTTP $status is $is', async ({ status, body, is }) => {
    const { result, report } = await ask((response) => response.writeHead(status).end(body));
    expect(result).toEqual({ class: is[0], code: is[1], message: is[2] });
    expect(report[0]).toMatchObject({ outcome: 'failure', error: { class: is[0] } });
  });

  test.each([
    { name: 'an event without JSON', stream: events(contentChunk('half'), '<html>', '[DONE]'), is: 'malformed_answer' },
    { name: 'JSON of another type', stream: events({ choices: 'none' }, '[DONE]'), is: 'malformed_answer' },
    {
      name: 'an error in the stream',
      stream: events(contentChunk('half'), { error: { message: 'overloaded' } }),
      is: 'server_error',
    },
    {
      name: 'a stream that ends inside an event',
      stream: `${events(contentChunk('half'))}data: {"choi`,
      is: 'malformed_answer',
    },
    {
      name: 'a filtered answer',
      stream: events(contentChunk('half'), finishChunk('content_filter'), '[DONE]'),
      is: 'content_filter',
    },
    {
      name: 'a filter error in the stream',
      stream: events(contentChunk('half'), { error: { message: 'No.', code: 'data_inspection_failed' } }),
      is: 'content_filter',
    },
    { name: 'a stream without its end', stream: events(contentChunk('half')), is: 'stream_cut' },
    { name: 'an HTML page instead of a stream', stream: '<html>log in</html>', is: 'malformed_answer' },
  ])('$name is $is', async ({ stream, is }) => {
    const { result } = await ask((response) => response.end(stream));
    expect(result).toMatchObject({ class: is });
  });
});

test.each(['{"message":"busy"}', '<html>', '[]', ''])('JSON without a completion, %j, is malformed', async (body) => {
  const { result } = await ask((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  expect(result).toMatchObject({ class: 'malformed_answer' });
});

test.each([
  { name: 'an invalid response', status: 200, body: events('<html>') },
  { name: 'a rate limit error', status: 429, body: '{"error":{"message":"Slow down."}}' },
])('after $name, the next endpoint answers', async ({ status, body }) => {
  const broken = await endpoints.endpoint((_request, response) => void response.writeHead(status).end(body));
  const healthy = await endpoints.endpoint(
    (_request, response) => void response.end(events(contentChunk('hi'), '[DONE]')),
  );
  const model = endpoints.model({ baseUrls: [broken.baseUrl, healthy.baseUrl] });
  expect(await model.complete({ messages: hello, signal: never })).toBe('hi');
});
