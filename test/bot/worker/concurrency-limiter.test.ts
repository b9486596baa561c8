// How much work is begun follows how busy the event loop is.
import { expect, test } from '@jest/globals';
import { createConcurrencyLimiter } from '../../../bot/worker/concurrency-limiter.ts';

function look(most: number) {
  let now = 0;
  let busy = 0;
  const appetite = createConcurrencyLimiter(most, { busyShare: () => busy, clock: () => now });
  return (share: number, times = 1) => {
    busy = share;
    let allowed = 0;
    for (let i = 0; i < times; i++) {
      now += 50;
      allowed = appetite();
    }
    return allowed;
  };
}

test('with time to spare it grows up to the most', () => {
  const after = look(40);
  expect(after(0.1)).toBe(18);
  expect(after(0.1, 3)).toBe(24);
  expect(after(0.59, 100)).toBe(40);
});

test('with none it is halved, and one is always allowed', () => {
  const after = look(40);
  expect(after(0.9)).toBe(8);
  expect(after(0.9, 2)).toBe(2);
  expect(after(1, 50)).toBe(1);
  expect(after(0.2)).toBe(3);
});

test('between two looks it stays as it is', () => {
  let now = 0;
  let looks = 0;
  const busyShare = () => {
    looks += 1;
    return 0;
  };
  const appetite = createConcurrencyLimiter(100, { busyShare, clock: () => now });
  expect([appetite(), appetite()]).toEqual([18, 18]);
  now = 49;
  appetite();
  expect(looks).toBe(1);
  now = 50;
  expect(appetite()).toBe(20);
});
