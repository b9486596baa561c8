// How many lines rejected callbacks may have in the log.
import { expect, test } from '@jest/globals';
import { createLineLimit } from '../../../bot/intake/line-limit.ts';

test('two hundred at once, then ten a second, and one remark for the rest', () => {
  let now = 1_000;
  const allow = createLineLimit(() => now);
  const take = (count: number) => {
    const counts = { line: 0, last: 0, none: 0 };
    for (let i = 0; i < count; i++) counts[allow()] += 1;
    return counts;
  };
  expect(take(1_000)).toEqual({ line: 199, last: 1, none: 800 });
  now += 1_000;
  expect(take(1_000)).toEqual({ line: 10, last: 0, none: 990 });
  now += 5_000;
  expect(take(1_000)).toEqual({ line: 50, last: 0, none: 950 });
  now += 3_600_000;
  expect(take(100)).toEqual({ line: 100, last: 0, none: 0 });
  expect(take(1_000)).toEqual({ line: 99, last: 1, none: 900 });
});
