// A failing endpoint is neither hammered nor waited for: retries, their budget, and the circuit.
import type { RequestListener } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { createCircuitBreaker } from '../../../bot/model/circuit-breaker.ts';
import { ModelError } from '../../../bot/model/model.ts';
import { createRetryBudget } from '../../../bot/model/retry-budget.ts';
import { events, says, useEndpoints } from './endpoint.ts';

const endpoints = useEndpoints();
const never = new AbortController().signal;
const messages = [{ role: 'user' as const, content: 'hello' }];
const outcome = (asking: Promise<string>) => asking.catch((error: ModelError) => error.class);

const fine: RequestListener = (_request, response) => void response.end(events(says('hi'), '[DONE]'));
const fails =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end('{}');

/** Answers each request as the next of `answers` does, and the last one for ever. */
function inTurn(...answers: RequestListener[]): RequestListener {
  return (request, response) => (answers.length > 1 ? answers.shift() : answers[0])?.(request, response);
}

describe('a second attempt at the same endpoint', () => {
  test.each([
    { name: 'a failure of the server', answer: fails(500), asked: 2 },
    { name: 'a short time to come back', answer: fails(429, { 'retry-after': '0.2' }), asked: 2 },
    {
      name: 'a short time to come back, as a date',
      answer: fails(429, { 'retry-after': new Date().toUTCString() }),
      asked: 2,
    },
    { name: 'a long time to come back', answer: fails(429, { 'retry-after': '60' }), asked: 1 },
    { name: 'a throttle without a time', answer: fails(429), asked: 1 },
    { name: 'a refused key', answer: fails(401), asked: 1 },
    { name: 'a bad request', answer: fails(400), asked: 1 },
  ])('after $name: $asked in all', async ({ answer, asked }) => {
    const endpoint = await endpoints.endpoint(inTurn(answer, fine));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    const result = await outcome(model.complete({ messages, signal: never }));
    expect({ asked: endpoint.asked.length, answered: result === 'hi' }).toEqual({ asked, answered: asked === 2 });
  });

  test('comes no sooner than the endpoint says', async () => {
    const endpoint = await endpoints.endpoint(inTurn(fails(503, { 'retry-after': '0.4' }), fine));
    const started = performance.now();
    await endpoints.model({ baseUrls: [endpoint.baseUrl], random: () => 0 }).complete({ messages, signal: never });
    expect(performance.now() - started).toBeGreaterThanOrEqual(395);
  });

  test('is left out when the time is up before', async () => {
    const endpoint = await endpoints.endpoint(fails(503, { 'retry-after': '3' }));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl], timeoutMs: 2_500 });
    expect(await outcome(model.complete({ messages, signal: never }))).toBe('server_error');
    expect(endpoint.asked).toHaveLength(1);
  });

  test('is left out when a part of the answer has been told', async () => {
    const endpoint = await endpoints.endpoint((_request, response) => void response.end(events(says('half'))));
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl] });
    expect(await outcome(model.complete({ messages, signal: never, onText: () => {} }))).toBe('stream_cut');
    expect(endpoint.asked).toHaveLength(1);
  });

  test('is given up with the request', async () => {
    const endpoint = await endpoints.endpoint(fails(503, { 'retry-after': '3' }));
    const caller = new AbortController();
    const model = endpoints.model({ baseUrls: [endpoint.baseUrl], timeoutMs: 60_000, report: () => caller.abort() });
    await expect(model.complete({ messages, signal: caller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(endpoint.asked).toHaveLength(1);
  });
});

test('at most a fifth of many calls is tried again', () => {
  const budget = createRetryBudget();
  const retried = Array.from({ length: 1_000 }, () => {
    budget.earn();
    return budget.spend();
  }).filter(Boolean).length;
  // Ten are saved up at the start.
  expect(retried).toBeGreaterThanOrEqual(200);
  expect(retried).toBeLessThanOrEqual(210);
});

describe('the circuit', () => {
  const failure = new ModelError('network', 'ECONNREFUSED', 'down');

  function breakerAt(clock: () => number) {
    const changes: boolean[] = [];
    return { changes, breaker: createCircuitBreaker({ clock, onChange: (open) => changes.push(open) }) };
  }

  test('opens after five failures in a row, and lets one call through after 15 seconds', () => {
    let now = 0;
    const { breaker, changes } = breakerAt(() => now);
    const fail = () => {
      expect(breaker.refuses()).toBeUndefined();
      breaker.failed(failure);
    };
    for (let count = 0; count < 4; count += 1) fail();
    breaker.answered();
    for (let count = 0; count < 5; count += 1) fail();
    now = 14_999;
    expect(breaker.refuses()).toBe(failure);
    now = 15_000;
    fail();
    expect(breaker.refuses()).toBe(failure);
    now = 30_000;
    expect(breaker.refuses()).toBeUndefined();
    expect(breaker.refuses()).toBe(failure);
    breaker.abandoned();
    expect(breaker.refuses()).toBeUndefined();
    breaker.answered();
    expect(breaker.refuses()).toBeUndefined();
    expect(changes).toEqual([true, false]);
  });

  test('of a dying endpoint: the second one is asked at once, and the first again when it is well', async () => {
    let now = 0;
    let well = false;
    const dying = await endpoints.endpoint((...given) => (well ? fine : fails(500))(...given));
    const healthy = await endpoints.endpoint(fine);
    const model = endpoints.model({ baseUrls: [dying.baseUrl, healthy.baseUrl], clock: () => now, random: () => 0 });
    const ask = () => model.complete({ messages, signal: never });
    for (let count = 0; count < 10; count += 1) expect(await ask()).toBe('hi');
    expect([dying.asked.length, healthy.asked.length]).toEqual([5, 10]);
    expect(model.circuits).toEqual(['primary 1']);
    well = true;
    now = 15_000;
    expect(await ask()).toBe('hi');
    expect([dying.asked.length, healthy.asked.length]).toEqual([6, 10]);
    expect(model.circuits).toEqual(['primary 1', 'primary 0']);
  });

  test('of the only endpoint: the last error is told at once, and reported without a time', async () => {
    const dying = await endpoints.endpoint(fails(500));
    const model = endpoints.model({ baseUrls: [dying.baseUrl], random: () => 0 });
    for (let count = 0; count < 4; count += 1) await outcome(model.complete({ messages, signal: never }));
    expect(dying.asked).toHaveLength(5);
    expect(await outcome(model.complete({ messages, signal: never }))).toBe('server_error');
    expect(dying.asked).toHaveLength(5);
    expect(model.reports.at(-1)).toEqual({ model: 'first', outcome: 'failure', error: expect.any(ModelError) });
  });

  test('is tried again when the call that tried it was given up, or broke on our side', async () => {
    let now = 0;
    const dying = await endpoints.endpoint(inTurn(fails(429), fails(429), fails(429), fails(429), fails(429), fine));
    const model = endpoints.model({ baseUrls: [dying.baseUrl], clock: () => now });
    for (let count = 0; count < 5; count += 1) await outcome(model.complete({ messages, signal: never }));
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

  test('is not opened by questions that are refused', async () => {
    const strict = await endpoints.endpoint(fails(400));
    const model = endpoints.model({ baseUrls: [strict.baseUrl] });
    for (let count = 0; count < 8; count += 1) await outcome(model.complete({ messages, signal: never }));
    expect(strict.asked).toHaveLength(8);
    expect(model.circuits).toEqual([]);
  });
});
