// Limit on log lines about rejected callbacks.
import { expect, test } from '@jest/globals';
import { createLineLimit } from '../../../bot/intake/line-limit.ts';

test('allows 200 lines at once, then 10 per second, and marks the last one before it suppresses', () => {
  let now = 1_000;
  const allow = createLineLimit(() => now);
  const request = (count: number) => {
    const counts = { line: 0, last: 0, none: 0 };
    for (let i = 0; i < count; i++) counts[allow()] += 1;
    return counts;
  };
  expect(request(1_000)).toEqual({ line: 199, last: 1, none: 800 });
  now += 1_000;
  expect(request(1_000)).toEqual({ line: 10, last: 0, none: 990 });
  now += 5_000;
  expect(request(1_000)).toEqual({ line: 50, last: 0, none: 950 });
  now += 3_600_000;
  expect(request(100)).toEqual({ line: 100, last: 0, none: 0 });
  expect(request(1_000)).toEqual({ line: 99, last: 1, none: 900 });
});
