// Options that an endpoint rejects are omitted, and stay omitted.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { ModelError } from '../../../bot/model/model.ts';
import { contentChunk, events, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const request = { system: 'Be brief.', messages: [{ role: 'user' as const, content: 'hello' }], signal: never };

interface Body {
  stream?: boolean;
  stream_options?: object;
  messages: { role: string; content: string }[];
}

/** Starts an endpoint that replies with `errorBody` to requests for which `rejects` returns true. */
async function strict(rejects: (body: Body) => boolean, errorBody: unknown, status = 400) {
  const endpoint = await endpoints.endpoint((_request: IncomingMessage, response: ServerResponse) => {
    const body = endpoint.asked.at(-1)?.body as Body;
    if (rejects(body)) response.writeHead(status).end(JSON.stringify(errorBody));
    else if (body.stream) response.end(events(contentChunk('hi'), '[DONE]'));
    else response.end(JSON.stringify({ choices: [{ message: { content: 'hi' } }] }));
  });
  return endpoint;
}

const bodies = (asked: { body: unknown }[]) => asked.map(({ body }) => body as Body);
const error = (message: string, param: string | null = null) => ({ error: { message, param, code: null } });

describe('stream_options', () => {
  test.each([
    { status: 400, errorBody: error("Unknown parameter: 'stream_options'.", 'stream_options') },
    {
      status: 422,
      errorBody: {
        detail: [
          {
            type: 'extra_forbidden',
            loc: ['body', 'stream_options', 'include_usage'],
            msg: 'Extra inputs are not permitted',
            input: true,
          },
        ],
      },
    },
    {
      status: 422,
      errorBody: {
        object: 'error',
        message: { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
        type: 'invalid_request_error',
      },
    },
    { status: 400, errorBody: { error: 'json: unknown field "stream_options"' } },
  ])(
    'if it is rejected with $status $errorBody, retries once without it, and omits it from later requests',
    async ({ status, errorBody }) => {
      const endpoint = await strict((body) => body.stream_options !== undefined, errorBody, status);
      const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
      expect(await model.complete(request)).toBe('hi');
      expect(await model.complete(request)).toBe('hi');
      expect(bodies(endpoint.asked).map((body) => [body.stream, body.stream_options !== undefined])).toEqual([
        [true, true],
        [true, false],
        [true, false],
      ]);
      expect(model.circuits).toEqual([]);
    },
  );

  test('if it is rejected, each of several concurrent requests is retried without it', async () => {
    let asked = 0;
    let release = () => {};
    const allAsked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const endpoint = await endpoints.endpoint(async (_request, response) => {
      const body = endpoint.asked[asked]?.body as Body;
      asked += 1;
      if (asked === 3) release();
      await allAsked;
      if (body.stream_options) response.writeHead(400).end(JSON.stringify(error('stream_options is unknown')));
      else response.end(events(contentChunk('hi'), '[DONE]'));
    });
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    const answers = [1, 2, 3].map(() => model.complete(request).catch(({ class: is }: ModelError) => is));
    expect(await Promise.all(answers)).toEqual(['hi', 'hi', 'hi']);
    expect(endpoint.asked).toHaveLength(6);
  });

  test('is sent to another model of the same endpoint', async () => {
    const endpoint = await strict((body) => body.stream_options !== undefined, error('stream_options is unknown'));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    await model.complete(request);
    await model.complete({ ...request, tenant: { name: 'other' } });
    expect(bodies(endpoint.asked).map((body) => body.stream_options !== undefined)).toEqual([true, false, true, false]);
  });
});

test.each([
  error('The request failed because the selected model does not support the stream mode.'),
  error('Unsupported value: stream', 'stream'),
  { code: 'x', message: '该模型不支持流式调用' },
])('omits stream if it is rejected with %j', async (errorBody) => {
  const endpoint = await strict((body) => body.stream === true, errorBody);
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
  expect(await model.complete(request)).toBe('hi');
  expect(bodies(endpoint.asked).map(({ stream, stream_options }) => ({ stream, stream_options }))).toEqual([
    { stream: true, stream_options: { include_usage: true } },
    {},
  ]);
});

test.each([
  error('System role not supported'),
  error('Developer instruction is not enabled for models/gemma-3-27b-it'),
  error('Conversation roles must alternate user/assistant/user/assistant/...'),
  error("This model does not support messages with role 'system'."),
  error('该模型不支持 system 角色'),
  error('the role of first message must be user'),
  error("invalid role: system, must be one of ['user', 'assistant']"),
  error('Only user and assistant roles are supported!'),
  error('messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter.'),
  error("Invalid value: 'system'. Supported values are: 'user' and 'assistant'.", 'messages[0].role'),
])('sends the instructions before the question if a system role is rejected with %j', async (errorBody) => {
  const endpoint = await strict((body) => body.messages.some(({ role }) => role === 'system'), errorBody);
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
  expect(await model.complete(request)).toBe('hi');
  expect(bodies(endpoint.asked).at(-1)?.messages).toEqual([{ role: 'user', content: 'Be brief.\n\nhello' }]);
});

test('omits several rejected options one after the other', async () => {
  const endpoint = await endpoints.endpoint((_request, response) => {
    const body = endpoint.asked.at(-1)?.body as Body;
    const errorBody = body.stream_options ? 'stream_options: unknown' : 'System role not supported';
    if (body.stream_options || body.messages.length > 1) response.writeHead(400).end(JSON.stringify(error(errorBody)));
    else response.end(events(contentChunk('hi'), '[DONE]'));
  });
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
  expect(await model.complete(request)).toBe('hi');
  expect(endpoint.asked).toHaveLength(3);
});

test('keeps an option if the call without it is rejected for another reason', async () => {
  const endpoint = await endpoints.endpoint((_request, response) => {
    const body = endpoint.asked.at(-1)?.body as Body;
    if (endpoint.asked.length === 1) response.writeHead(400).end(JSON.stringify(error('Streaming is not supported.')));
    else if (body.stream) response.end(events(contentChunk('hi'), '[DONE]'));
    else response.writeHead(400).end(JSON.stringify(error('This model only supports stream mode.')));
  });
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
  await expect(model.complete(request)).rejects.toMatchObject({ class: 'bad_request' });
  expect(await model.complete(request)).toBe('hi');
});

test('keeps an option if the call without it is rejected with the same error', async () => {
  const endpoint = await strict(() => true, error('stream_options and everything else is unknown'));
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
  const failed = model.complete(request).catch(({ class: errorClass }: ModelError) => errorClass);
  expect(await failed).toBe('bad_request');
  expect(endpoint.asked).toHaveLength(2);
  await model.complete(request).catch(() => {});
  expect(bodies(endpoint.asked)[2]?.stream_options).toBeDefined();
});

test.each([
  { status: 400, errorBody: error('Unknown parameter: seed') },
  { status: 500, errorBody: error('stream not available') },
  { status: 429, errorBody: error('stream_options: too many requests') },
])('does not omit an option if the error names another cause: $errorBody', async ({ status, errorBody }) => {
  const endpoint = await strict(() => true, errorBody, status);
  const model = endpoints.model({ baseUrls: [endpoint.baseUrl], random: () => 0 });
  await model.complete(request).catch(() => {});
  expect(bodies(endpoint.asked).every((body) => body.stream_options !== undefined)).toBe(true);
});
