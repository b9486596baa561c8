// The limit of rows to start as a function of event-loop utilisation.
import { expect, test } from '@jest/globals';
import { createConcurrencyLimiter } from '../../../bot/worker/concurrency-limiter.ts';

function createLimit(max: number) {
  let now = 0;
  let busy = 0;
  const limit = createConcurrencyLimiter(max, { utilization: () => busy, clock: () => now });
  return (share: number, times = 1) => {
    busy = share;
    let allowed = 0;
    for (let i = 0; i < times; i++) {
      now += 50;
      allowed = limit();
    }
    return allowed;
  };
}

test('grows up to the maximum while the event loop has idle time', () => {
  const after = createLimit(40);
  expect(after(0.1)).toBe(18);
  expect(after(0.1, 3)).toBe(24);
  expect(after(0.59, 100)).toBe(40);
});

test('is halved while the event loop has no idle time, but stays at least one', () => {
  const after = createLimit(40);
  expect(after(0.9)).toBe(8);
  expect(after(0.9, 2)).toBe(2);
  expect(after(1, 50)).toBe(1);
  expect(after(0.2)).toBe(3);
});

test('does not change between two adjustments', () => {
  let now = 0;
  let calls = 0;
  const utilization = () => {
    calls += 1;
    return 0;
  };
  const limit = createConcurrencyLimiter(100, { utilization, clock: () => now });
  expect([limit(), limit()]).toEqual([18, 18]);
  now = 49;
  limit();
  expect(calls).toBe(1);
  now = 50;
  expect(limit()).toBe(20);
});
