// Responses as servers really send them. Members beside the answer do not change the answer.
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { LONGEST_THOUGHTS, MAX_ANSWER_BYTES } from '../../../bot/model/bounds.ts';
import type { ModelError } from '../../../bot/model/model.ts';
import { readAnswer } from '../../../bot/model/read-answer.ts';
import { contentChunk, events, finishChunk, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const messages = [{ role: 'user' as const, content: 'hello' }];

interface AskOptions {
  type?: string;
  name?: string;
  silenceMs?: number;
  endMs?: number;
  timeoutMs?: number;
}

/** Returns the answer or the error, and each streamed text. */
async function ask(answer: string | ((response: ServerResponse) => unknown), { type, ...options }: AskOptions = {}) {
  const { baseUrl, asked } = await endpoints.endpoint((_request, response) => {
    if (type !== undefined) response.setHeader('content-type', type);
    if (typeof answer === 'string') response.end(answer);
    else answer(response);
  });
  const model = endpoints.model({ baseUrls: [baseUrl], random: () => 0, ...options });
  const shown: string[] = [];
  const result = await model
    .complete({ messages, signal: never, onText: (text) => shown.push(text) })
    .catch(({ class: errorClass, code }: ModelError) => ({ class: errorClass, code }));
  return { result, shown, reports: model.reports, asked: asked.length };
}

/** Reads a body in these pieces, without a server. Returns the answer or the error class. */
async function readText(pieces: readonly string[]): Promise<string> {
  async function* chunks() {
    yield* pieces;
  }
  const [headers, ignore] = [new Headers(), () => undefined];
  const stream = { status: 200, headers, phases: {}, chunks: chunks() };
  const answer = readAnswer(stream, { host: 'a', expectUnopened: false, onActivity: ignore, onText: ignore });
  return answer.then(
    ({ text }) => text,
    ({ class: errorClass }: ModelError) => errorClass,
  );
}

const choice = (fields: object) => ({ choices: [{ index: 0, ...fields }] });
const paris = [contentChunk('Pa'), contentChunk('ris'), finishChunk('stop'), '[DONE]'];

describe('the answer is delivered in spite of', () => {
  const usages = [
    { prompt_tokens: 11, total_tokens: 11 },
    { prompt_tokens: '11', completion_tokens: '7' },
    { prompt_tokens: null, completion_tokens: null },
    { prompt_tokens: [1], completion_tokens: {} },
    { prompt_tokens: -1, completion_tokens: Number.MAX_VALUE },
    null,
    [],
    'none',
    7,
  ];
  test.each(usages)('usage %j in each chunk', async (usage) => {
    const { result } = await ask(
      events(...paris.map((chunk) => (typeof chunk === 'string' ? chunk : { ...chunk, usage }))),
    );
    expect(result).toBe('Paris');
  });

  test('usage with one count, and the other is estimated', async () => {
    const usage = { prompt_tokens: '11', total_tokens: 11 };
    const { reports } = await ask(events({ ...contentChunk('Paris'), usage }, '[DONE]'));
    expect(reports).toMatchObject([{ promptTokens: 11, completionTokens: 2 }]);
  });

  test('usage that comes later than the answer, within the configured time', async () => {
    const { reports } = await ask(
      async (response) => {
        response.write(events(contentChunk('Paris'), finishChunk('stop')));
        await wait(2_500);
        response.end(events({ choices: [], usage: { prompt_tokens: 11 } }, '[DONE]'));
      },
      { endMs: 60_000 },
    );
    expect(reports).toMatchObject([{ promptTokens: 11, completionTokens: 2 }]);
  });

  test.each([
    { id: null },
    { id: 7, object: 'chat.completion', created: 'today', model: null, system_fingerprint: {} },
    { provider: 'x', service_tier: null, unknown: [[{}]], base_resp: { status_code: 0, status_msg: 'success' } },
    { error: null },
    { error: '' },
    { error: {} },
    { error: { message: '', code: null } },
    { error: { message: '', code: 0 } },
    { error: { message: 'success', code: '0', type: 'None' } },
    { error: { message: 'OK', status: 200 } },
    { error: 'None' },
    { error: 'success' },
    { code: 0, message: 'Success', detail: 'x', errors: [] },
    { error_code: 0, error_msg: '' },
  ])('members beside the choices: %j', async (members) => {
    const chunks = paris.map((chunk) => (typeof chunk === 'string' ? chunk : { ...chunk, ...members }));
    expect((await ask(events(...chunks))).result).toBe('Paris');
    const whole = { ...choice({ message: { content: 'Paris' } }), ...members };
    expect((await ask(JSON.stringify(whole))).result).toBe('Paris');
  });

  test.each([
    { index: null, logprobs: {}, role: 7 },
    { index: '0', logprobs: null, stop_reason: 128_001, content_filter_results: { hate: { filtered: false } } },
    { index: 3, matched_stop: [], token_ids: null },
  ])('members of a choice: %j', async (members) => {
    const stream = events(
      { choices: [{ ...members, delta: { role: null, content: 'Pa', tool_calls: null } }] },
      { choices: [{ ...members, delta: { content: 'ris', tool_calls: [], function_call: null, refusal: null } }] },
      { choices: [{ ...members, delta: {}, finish_reason: 'stop' }] },
    );
    expect((await ask(stream)).result).toBe('Paris');
  });

  test('an end of the connection anywhere after the finish reason', async () => {
    const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } };
    const answer = events(contentChunk('Pa'), contentChunk('ris'), finishChunk('stop'));
    const answers = [answer, answer.replaceAll('\n', '\r\n'), answer.replaceAll('data: ', '')];
    for (const [index, before] of answers.entries()) {
      const rest = ['data: ', 'data: ', ''].map((sign) => `${sign}${JSON.stringify(usage)}\n\n`)[index] ?? '';
      for (let length = 0; length <= rest.length; length += 1) {
        const result = await readText([before + rest.slice(0, length)]);
        expect({ index, length, result }).toEqual({ index, length, result: 'Paris' });
      }
    }
  });

  test.each([
    { name: 'is cut', silenceMs: 60_000, cut: true },
    { name: 'stays open', silenceMs: 300, cut: false },
  ])('a connection that $name after the finish reason', async ({ silenceMs, cut }) => {
    for (const last of ['', 'data: [DONE]\n\n', 'data: {"usa']) {
      const answer = (response: ServerResponse) =>
        response.write(
          events(contentChunk('Pa'), contentChunk('ris'), finishChunk('stop')) + last,
          () => cut && response.destroy(),
        );
      expect(await ask(answer, { silenceMs })).toMatchObject({ result: 'Paris', asked: 1 });
    }
  });

  // Some servers send no [DONE]: https://github.com/maximhq/bifrost/issues/6784 (read 2026-11).
  test.each([
    { name: '[DONE]', end: '[DONE]' },
    { name: 'the finish reason', end: finishChunk('stop') },
  ])('a connection that stays open after $name; it is closed before the timeout of the answer', async ({ end }) => {
    const answer = (response: ServerResponse) => {
      response.write(events(contentChunk('Paris'), end));
      const timer = setInterval(() => response.write(': ping\n\n'), 50);
      response.once('close', () => clearInterval(timer));
    };
    const timeoutMs = 60_000;
    const { result, asked, reports } = await ask(answer, { timeoutMs });
    expect({ result, asked }).toEqual({ result: 'Paris', asked: 1 });
    expect(reports[0]?.durationSeconds).toBeLessThan((0.9 * timeoutMs) / 1_000);
  });

  test('content after a finish reason, which belongs to the answer', async () => {
    const { result } = await ask(async (response) => {
      for (const piece of ['Pa', 'ri', 's']) {
        response.write(events(choice({ delta: { content: piece }, finish_reason: 'stop' })));
        await wait(1_000);
      }
      response.end(events('[DONE]'));
    });
    expect(result).toBe('Paris');
  });

  test('several choices; the first is the answer', async () => {
    const both = (content: string, other: string) => ({
      choices: [{ delta: { content } }, { delta: { content: other } }],
    });
    expect((await ask(events(both('Pa', 'Ro'), both('ris', 'me'), '[DONE]'))).result).toBe('Paris');
  });
});

describe('accepted body formats', () => {
  const stream = events(...paris);
  const compact = paris.map((chunk) => `data:${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n`);
  test.each([
    { name: 'events without a space', body: stream.replaceAll('data: ', 'data:') },
    { name: 'events with names and ids', body: stream.replaceAll('data: ', 'event: message\nid: 1\ndata: ') },
    { name: 'comments and blank events', body: `: OPENROUTER PROCESSING\n\n: ping\n\ndata:\n\n${stream}` },
    {
      name: 'keep-alive events',
      body: `event: ping\ndata: ping\n\ndata: [HEARTBEAT]\n\ndata: "keep-alive"\n\ndata: ""\n\ndata: {"type":"ping"}\n\n${stream}`,
    },
    { name: 'a byte order mark', body: `\uFEFF${stream}` },
    { name: 'Windows line ends', body: stream.replaceAll('\n', '\r\n') },
    { name: 'old Mac line ends', body: stream.replaceAll('\n', '\r') },
    { name: 'no [DONE]', body: events(...paris.slice(0, -1)) },
    { name: 'no empty line between events', body: compact.join('') },
    { name: 'null events', body: `data: null\n\n${stream}` },
    {
      name: 'a chunk without choices at both ends',
      body: `${events({ choices: [], prompt_filter_results: [] })}${events(...paris.slice(0, -1), { choices: [], usage: {} }, '[DONE]')}`,
    },
    {
      name: 'JSON Lines',
      body: paris
        .slice(0, -1)
        .map((chunk) => JSON.stringify(chunk))
        .join('\n'),
    },
    { name: 'JSON', body: JSON.stringify(choice({ message: { content: 'Paris' }, finish_reason: 'stop' })) },
    { name: 'JSON with spaces before it', body: `\n\n \n${JSON.stringify(choice({ message: { content: 'Paris' } }))}` },
    { name: 'the text member of a completion', body: JSON.stringify(choice({ text: 'Paris' })) },
    {
      name: 'choices as an object instead of a list',
      body: JSON.stringify({ choices: { message: { content: 'Paris' } } }),
    },
    { name: 'queue position events', body: `${events({ type: 'info', message: 'position 3 in the queue' })}${stream}` },
    { name: 'text after [DONE]', body: `${stream}data: {"error":"late"}\n\n` },
    {
      name: 'the complete message at the end of a stream',
      body: events(
        contentChunk('Pa'),
        contentChunk('ris'),
        choice({ message: { content: 'Paris' }, finish_reason: 'stop' }),
      ),
    },
    {
      name: 'growing messages',
      body: events(choice({ message: { content: 'Pa' } }), choice({ message: { content: 'Paris' } }), '[DONE]'),
    },
  ])('$name, with any content type', async ({ body }) => {
    const types = [
      'text/event-stream',
      'application/json',
      'text/plain; charset=utf-8',
      'application/octet-stream',
      '',
    ];
    for (const type of types) expect({ type, ...(await ask(body, { type })) }).toMatchObject({ type, result: 'Paris' });
  });

  test.each([201, 206])('with HTTP %i', async (status) => {
    expect((await ask((response) => response.writeHead(status).end(stream))).result).toBe('Paris');
  });

  test('in pieces of one byte', async () => {
    const { result } = await ask(async (response) => {
      for (const byte of Buffer.from(events(contentChunk('你'), contentChunk('好'), '[DONE]'))) {
        response.write(Buffer.from([byte]));
        await wait(0);
      }
      response.end();
    });
    expect(result).toBe('你好');
  });
});

describe('content', () => {
  const text = (value: unknown) => ({ type: 'text', text: value });
  test.each([
    { name: 'text parts', content: [text('Pa'), text('ris')] },
    { name: 'strings', content: ['Pa', 'ris'] },
    { name: 'parts of the Responses API', content: [{ type: 'output_text', text: 'Paris', annotations: [] }] },
    { name: 'one part', content: text('Paris') },
    { name: 'a text with a value', content: [text({ value: 'Paris', annotations: [] })] },
    { name: 'a part without a type', content: [{ text: 'Paris' }] },
    { name: 'thinking parts before it', content: [{ type: 'thinking', thinking: [text('HIDDEN')] }, text('Paris')] },
    {
      name: 'reasoning parts before it',
      content: [{ type: 'reasoning', text: 'HIDDEN' }, { text: 'HIDDEN', thought: true }, text('Paris')],
    },
    {
      name: 'nulls and other parts',
      content: [null, 7, { type: 'image_url', image_url: {} }, text(null), text('Paris')],
    },
  ])('as a list: $name', async ({ content }) => {
    expect((await ask(events(choice({ delta: { content } }), '[DONE]'))).result).toBe('Paris');
    expect((await ask(JSON.stringify(choice({ message: { content } })))).result).toBe('Paris');
  });

  test('the field `refusal` of a message is the answer', async () => {
    const stream = events(choice({ delta: { content: null, refusal: 'I cannot.' } }), finishChunk('stop'));
    expect((await ask(stream)).result).toBe('I cannot.');
  });

  test('all pieces of the field `refusal` are the answer', async () => {
    const pieces = ['Sorry', ',', ' none', ' of', '\n\n', 'it', ' ', 'is', ' possible.'];
    const chunks = pieces.map((refusal) => choice({ delta: { content: null, refusal } }));
    const first = choice({ delta: { role: 'assistant', content: '', refusal: 'None' } });
    expect((await ask(events(first, ...chunks, finishChunk('stop'), '[DONE]'))).result).toBe(pieces.join(''));
  });
});

describe('reasoning is neither streamed nor delivered', () => {
  const HIDDEN = 'HIDDEN';
  test.each([
    {
      name: 'in tags',
      chunks: [
        contentChunk('<thi'),
        contentChunk('nk>\nOkay HIDDEN\n</thi'),
        contentChunk('nk>\n\nPar'),
        contentChunk('is'),
      ],
    },
    { name: 'in tags of another name', chunks: [contentChunk('<reasoning>HIDDEN'), contentChunk('</reasoning>Paris')] },
    {
      name: 'in tags inside parts',
      chunks: [
        choice({ delta: { content: [{ type: 'text', text: '<think>HIDDEN</think>' }] } }),
        contentChunk('Paris'),
      ],
    },
    {
      name: 'with a closing mark only',
      chunks: [contentChunk('Okay, the user asks. HIDDEN'), contentChunk('\n</think>\n\n'), contentChunk('Paris')],
    },
    ...['reasoning_content', 'reasoning', 'thinking'].map((field) => ({
      name: `in the field ${field}`,
      chunks: [
        choice({ delta: { [field]: HIDDEN } }),
        choice({ delta: { content: '', [field]: HIDDEN } }),
        contentChunk('Paris'),
      ],
    })),
    {
      name: 'in details',
      chunks: [
        choice({ delta: { reasoning_details: [{ type: 'reasoning.text', text: HIDDEN }] } }),
        contentChunk('Paris'),
      ],
    },
  ])('$name', async ({ chunks }) => {
    const { result, shown } = await ask(events(...chunks, '[DONE]'));
    expect(result).toBe('Paris');
    expect(shown.filter((one) => !'Paris'.startsWith(one))).toEqual([]);
  });

  test('in an answer in JSON', async () => {
    const message = { content: '<think>HIDDEN</think>\n\nParis', reasoning_content: HIDDEN };
    expect((await ask(JSON.stringify(choice({ message, finish_reason: 'stop' })))).result).toBe('Paris');
  });

  test('an answer with only reasoning is empty', async () => {
    const { result, shown } = await ask(events(contentChunk('<think>HIDDEN'), finishChunk('length'), '[DONE]'));
    expect({ result: String(result).trim(), shown }).toEqual({ result: '', shown: [] });
  });

  test('if the model name suggests unmarked reasoning, nothing is streamed before its end', async () => {
    const chunks = [contentChunk('Paris is a city. HIDDEN'), contentChunk('\n</think>\n\nPar'), contentChunk('is')];
    const { result, shown } = await ask(events(...chunks, '[DONE]'), { name: 'deepseek-r1:14b' });
    expect({ result, hidden: shown.join().includes(HIDDEN) }).toEqual({ result: 'Paris', hidden: false });
  });

  test('after unmarked reasoning, the next answer is not streamed before the end of its reasoning', async () => {
    const chunks = [contentChunk('Paris is a city. HIDDEN'), contentChunk('\n</think>\n\nParis')];
    const { baseUrl } = await endpoints.endpoint(
      (_request, response) => void response.end(events(...chunks, '[DONE]')),
    );
    const model = endpoints.model({ baseUrls: [baseUrl] });
    await model.complete({ messages, signal: never });
    const shown: string[] = [];
    await model.complete({ messages, signal: never, onText: (one) => shown.push(one) });
    expect(shown).toEqual(['Paris']);
  });

  test('endless reasoning is malformed', async () => {
    const thoughts = choice({ delta: { reasoning_content: 'x'.repeat(LONGEST_THOUGHTS / 100) } });
    const { result } = await ask(events(...Array.from({ length: 101 }, () => thoughts), ...paris));
    expect(result).toEqual({ class: 'malformed_answer', code: 'ENDLESS_THOUGHTS' });
  });
});

describe('timeout without data', () => {
  test.each([
    { name: 'comments', sign: ': OPENROUTER PROCESSING\n\n' },
    { name: 'blank lines', sign: '\n' },
    { name: 'reasoning', sign: events(choice({ delta: { reasoning_content: 'Hm.' } })) },
    { name: 'reasoning in tags', sign: events(contentChunk('<think>')) },
  ])('$name reset it', async ({ sign }) => {
    const { result } = await ask(
      async (response) => {
        for (let count = 0; count < 10; count += 1) {
          response.write(sign);
          await wait(300);
        }
        response.end(events(contentChunk('</think>Paris'), '[DONE]'));
      },
      { silenceMs: 2_000, timeoutMs: 60_000 },
    );
    expect(result).toBe('Paris');
  });

  test('comments do not extend the time for the answer', async () => {
    const { result } = await ask(
      (response) => {
        const timer = setInterval(() => response.write(': ping\n\n'), 50);
        response.once('close', () => clearInterval(timer));
      },
      { silenceMs: 10_000, timeoutMs: 500 },
    );
    expect(result).toMatchObject({ class: 'timeout', code: 'ETIMEDOUT' });
  });
});

describe('length', () => {
  test('reading ends at the limit, and the answer has a remark', async () => {
    let written = 0;
    const { result } = await ask(async (response) => {
      const chunk = events(contentChunk('word '.repeat(200)));
      while (!response.destroyed && written < 5_000_000) {
        written += 1_000;
        if (!response.write(chunk)) await Promise.race([wait(20), new Promise((done) => response.once('drain', done))]);
      }
      response.end();
    });
    const text = String(result);
    expect(text.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(text.length).toBeGreaterThan(MAX_ANSWER_BYTES * 0.99);
    expect(text).toMatch(/maximum length\.\)$/);
    expect(written).toBeLessThan(5_000_000);
  });

  test('the limit can be reached anywhere inside an event', async () => {
    const sent = events(...Array.from({ length: 150 }, () => contentChunk('word '.repeat(200))));
    for (let over = 0; over < 1_200; over += 37) {
      async function* chunks() {
        yield sent.slice(0, 110_000 + over);
        yield sent.slice(110_000 + over);
      }
      const [headers, ignore] = [new Headers(), () => undefined];
      const stream = { status: 200, headers, phases: {}, chunks: chunks() };
      const answer = await readAnswer(stream, { host: 'a', expectUnopened: false, onActivity: ignore, onText: ignore });
      expect(answer).toMatchObject({ isCut: true, text: expect.stringMatching(/^(word )+/) });
    }
  });

  test('a cut never splits a character', async () => {
    const { result } = await ask(events(contentChunk(`x${'😀'.repeat(MAX_ANSWER_BYTES / 2)}`), '[DONE]'));
    expect(String(result)).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });

  test.each([
    { name: 'an event', begin: 'data: {"x":"' },
    { name: 'a body', begin: '{"x":"' },
  ])('$name without an end is malformed', async ({ begin }) => {
    const { result } = await ask((response) => {
      response.write(begin);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(result).toEqual({ class: 'malformed_answer', code: 'BODY_TOO_LONG' });
  });
});

describe('finish reason', () => {
  const text = (reason: string) => events(contentChunk('Paris'), finishChunk(reason), '[DONE]');
  const empty = (reason: string) => events(finishChunk(reason), '[DONE]');

  test.each(['stop', 'STOP', 'eos', 'end_turn', 'stop_sequence', 'COMPLETE'])(
    '%s ends the answer normally',
    async (reason) => {
      const { result, reports } = await ask(text(reason));
      expect({ result, finish: reports[0]?.finish }).toEqual({ result: 'Paris', finish: undefined });
      expect((await ask(empty(reason))).result).toBe('');
    },
  );

  test.each(['length', 'max_tokens', 'MAX_TOKENS', 'model_context_window_exceeded'])(
    '%s adds a remark to the answer',
    async (reason) => {
      expect((await ask(text(reason))).result).toMatch(/^Paris\n\n\(.*maximum length\.\)$/);
      expect((await ask(empty(reason))).result).toBe('');
    },
  );

  test.each(['content_filter', 'sensitive', 'SAFETY'])('%s is a filtered answer', async (reason) => {
    for (const stream of [text(reason), empty(reason)]) {
      expect((await ask(stream)).result).toEqual({ class: 'content_filter', code: reason });
    }
  });

  test.each(['error', 'abort', 'network_error', 'insufficient_system_resource'])(
    '%s is a failure, and the call is retried',
    async (reason) => {
      expect(await ask(empty(reason))).toMatchObject({ result: { class: 'server_error', code: reason }, asked: 2 });
      expect((await ask(text(reason))).result).toEqual({ class: 'server_error', code: reason });
    },
  );

  test.each(['tool_calls', 'function_call', 'tool_use', 'new_reason'])(
    'after %s the text is the answer',
    async (reason) => {
      const { result, reports } = await ask(text(reason));
      expect({ result, finish: reports[0]?.finish }).toEqual({ result: 'Paris', finish: reason });
      expect((await ask(empty(reason))).result).toEqual({ class: 'malformed_answer', code: reason });
    },
  );

  test('a reason with free text does not reach the log', async () => {
    expect((await ask(text('I said: secret\n'))).reports[0]?.finish).toBe('unprintable');
  });
});

describe('an error inside status 200', () => {
  test.each([
    {
      name: 'in the stream',
      body: events(contentChunk('Par'), { error: { message: 'Overloaded', code: 502 } }),
      is: 'server_error',
    },
    {
      name: 'beside a choice',
      body: events({ ...finishChunk('error'), error: { code: 429, message: 'Slow down' } }),
      is: 'rate_limited',
    },
    {
      name: 'inside a choice',
      body: events({ choices: [{ error: { code: 402, message: 'No credits' } }] }),
      is: 'quota',
    },
    { name: 'as a string', body: events({ error: 'model runner has unexpectedly stopped' }), is: 'server_error' },
    { name: 'as a bare line', body: `${events(contentChunk('Par'))}{"error":"out of memory"}\n\n`, is: 'server_error' },
    {
      name: 'as an event of its own',
      body: 'event: error\ndata: {"error":{"message":"tokens to keep is greater than the context length."}}\n\n',
      is: 'context_length',
    },
    { name: 'as a body', body: '{"error":{"message":"No.","code":"content_filter"}}', is: 'content_filter' },
    { name: 'in a list', body: '[{"error":{"code":401,"message":"API key not valid."}}]', is: 'credentials' },
    { name: 'with code and message', body: '{"code":"Arrearage","message":"Access denied."}', is: 'quota' },
  ])('$name', async ({ body, is }) => {
    expect((await ask(body)).result).toMatchObject({ class: is });
  });
});

test('JSON Lines that end before the finish reason are stream_cut', async () => {
  const lines = [contentChunk('Pa'), contentChunk('ris')].map((chunk) => JSON.stringify(chunk));
  for (const body of [lines[0], lines.join('\n')]) {
    expect((await ask(String(body))).result).toMatchObject({ class: 'stream_cut' });
  }
});

test('a response without content is an error', async () => {
  expect((await ask('data: [DONE]\n\n')).result).toMatchObject({ class: 'malformed_answer' });
  expect((await ask('')).result).toMatchObject({ class: 'stream_cut' });
});
