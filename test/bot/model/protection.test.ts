// Protection of a failing endpoint: retries, the retry budget, and the circuit breaker.
import type { RequestListener } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createCircuitBreaker } from '../../../bot/model/circuit-breaker.ts';
import { ModelError } from '../../../bot/model/model.ts';
import { createRetryBudget } from '../../../bot/model/retry-budget.ts';
import { contentChunk, events, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const messages = [{ role: 'user' as const, content: 'hello' }];
const outcomeOf = (asking: Promise<string>) => asking.catch((error: ModelError) => error.class);

const answersHi: RequestListener = (_request, response) => void response.end(events(contentChunk('hi'), '[DONE]'));
const failsWith =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end('{}');

/** Answers each request with the next of `answers`, and all further requests with the last one. */
function answersInTurn(...answers: RequestListener[]): RequestListener {
  return (request, response) => (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
}

describe('a retry at the same endpoint', () => {
  test.each([
    { name: 'a server error', answer: failsWith(500), asked: 2 },
    { name: 'a short Retry-After', answer: failsWith(429, { 'retry-after': '0.2' }), asked: 2 },
    {
      name: 'a short Retry-After as a date',
      answer: failsWith(429, { 'retry-after': new Date().toUTCString() }),
      asked: 2,
    },
    { name: 'a long Retry-After', answer: failsWith(429, { 'retry-after': '60' }), asked: 1 },
    { name: 'a rate limit without Retry-After', answer: failsWith(429), asked: 1 },
    { name: 'a rejected key', answer: failsWith(401), asked: 1 },
    { name: 'a bad request', answer: failsWith(400), asked: 1 },
  ])('after $name: $asked calls in total', async ({ answer, asked }) => {
    const endpoint = await endpoints.endpoint(answersInTurn(answer, answersHi));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    const result = await outcomeOf(model.complete({ messages, signal: never }));
    expect({ asked: endpoint.asked.length, answered: result === 'hi' }).toEqual({ asked, answered: asked === 2 });
  });

  test('waits for the Retry-After of the endpoint', async () => {
    const endpoint = await endpoints.endpoint(answersInTurn(failsWith(503, { 'retry-after': '0.4' }), answersHi));
    const started = performance.now();
    await endpoints.model({ baseUrls: [endpoint.baseUrl], random: () => 0 }).complete({ messages, signal: never });
    expect(performance.now() - started).toBeGreaterThanOrEqual(395);
  });

  test('does not happen if the time for the answer ends before', async () => {
    const endpoint = await endpoints.endpoint(failsWith(503, { 'retry-after': '3' }));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl], timeoutMs: 2_500 });
    expect(await outcomeOf(model.complete({ messages, signal: never }))).toBe('server_error');
    expect(endpoint.asked).toHaveLength(1);
  });

  test('does not happen after a part of the answer was streamed', async () => {
    const endpoint = await endpoints.endpoint((_request, response) => void response.end(events(contentChunk('half'))));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    expect(await outcomeOf(model.complete({ messages, signal: never, onText: () => {} }))).toBe('stream_cut');
    expect(endpoint.asked).toHaveLength(1);
  });

  test('does not happen after the request is aborted', async () => {
    const endpoint = await endpoints.endpoint(failsWith(503, { 'retry-after': '3' }));
    const caller = new AbortController();
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl], timeoutMs: 60_000, report: () => caller.abort() });
    await expect(model.complete({ messages, signal: caller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(endpoint.asked).toHaveLength(1);
  });
});

test('at most a fifth of many calls is retried', () => {
  const budget = createRetryBudget();
  const retried = Array.from({ length: 1_000 }, () => {
    budget.recordCall();
    return budget.tryRetry();
  }).filter(Boolean).length;
  // The budget holds ten retries at the start.
  expect(retried).toBeGreaterThanOrEqual(200);
  expect(retried).toBeLessThanOrEqual(210);
});

describe('the circuit breaker', () => {
  const failure = new ModelError('network', 'ECONNREFUSED', 'down');

  function breakerAt(clock: () => number) {
    const changes: boolean[] = [];
    return { changes, breaker: createCircuitBreaker({ clock, onChange: (open) => changes.push(open) }) };
  }

  test('opens after five failures in a row, and allows one call after 15 seconds', () => {
    let now = 0;
    const { breaker, changes } = breakerAt(() => now);
    const fail = () => {
      expect(breaker.rejection()).toBeUndefined();
      breaker.recordFailure(failure);
    };
    for (let count = 0; count < 4; count += 1) fail();
    breaker.recordResponse();
    for (let count = 0; count < 5; count += 1) fail();
    now = 14_999;
    expect(breaker.rejection()).toBe(failure);
    now = 15_000;
    fail();
    expect(breaker.rejection()).toBe(failure);
    now = 30_000;
    expect(breaker.rejection()).toBeUndefined();
    expect(breaker.rejection()).toBe(failure);
    breaker.recordCancellation();
    expect(breaker.rejection()).toBeUndefined();
    breaker.recordResponse();
    expect(breaker.rejection()).toBeUndefined();
    expect(changes).toEqual([true, false]);
  });

  test('opens for a failing endpoint, and closes after the endpoint recovered', async () => {
    let now = 0;
    let isHealthy = false;
    const failing = await endpoints.endpoint((...given) => (isHealthy ? answersHi : failsWith(500))(...given));
    const healthy = await endpoints.endpoint(answersHi);
    const model = endpoints.model({ baseUrls: [failing.baseUrl, healthy.baseUrl], clock: () => now, random: () => 0 });
    const ask = () => model.complete({ messages, signal: never });
    for (let count = 0; count < 10; count += 1) expect(await ask()).toBe('hi');
    expect([failing.asked.length, healthy.asked.length]).toEqual([5, 10]);
    expect(model.circuits).toEqual(['primary 1']);
    isHealthy = true;
    now = 15_000;
    expect(await ask()).toBe('hi');
    expect([failing.asked.length, healthy.asked.length]).toEqual([6, 10]);
    expect(model.circuits).toEqual(['primary 1', 'primary 0']);
  });

  test('returns the last error of the only endpoint at once, and reports no duration', async () => {
    const failing = await endpoints.endpoint(failsWith(500));
    const model = endpoints.model({ baseUrls: [failing.baseUrl], random: () => 0 });
    for (let count = 0; count < 4; count += 1) await outcomeOf(model.complete({ messages, signal: never }));
    expect(failing.asked).toHaveLength(5);
    expect(await outcomeOf(model.complete({ messages, signal: never }))).toBe('server_error');
    expect(failing.asked).toHaveLength(5);
    expect(model.reports.at(-1)).toEqual({ model: 'first', outcome: 'failure', error: expect.any(ModelError) });
  });

  test('allows another probe if the caller gave up the first one, or failed itself', async () => {
    let now = 0;
    const failing = await endpoints.endpoint(
      answersInTurn(failsWith(429), failsWith(429), failsWith(429), failsWith(429), failsWith(429), answersHi),
    );
    const model = endpoints.model({ baseUrls: [failing.baseUrl], clock: () => now });
    for (let count = 0; count < 5; count += 1) await outcomeOf(model.complete({ messages, signal: never }));
    now = 15_000;
    await expect(model.complete({ messages, signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'aborted' });
    const broken = new Error('ours');
    const onText = () => {
      throw broken;
    };
    await expect(model.complete({ messages, signal: never, onText })).rejects.toBe(broken);
    expect(await model.complete({ messages, signal: never })).toBe('hi');
    expect(model.circuits).toEqual(['primary 1', 'primary 0']);
  });

  test('does not open for rejected questions', async () => {
    const strict = await endpoints.endpoint(failsWith(400));
    const model = endpoints.model({ baseUrls: [strict.baseUrl] });
    for (let count = 0; count < 8; count += 1) await outcomeOf(model.complete({ messages, signal: never }));
    expect(strict.asked).toHaveLength(8);
    expect(model.circuits).toEqual([]);
  });
});
