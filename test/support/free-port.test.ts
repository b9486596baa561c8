import { expect, test } from '@jest/globals';
import { freePort } from './free-port.ts';

test('returns each port once, also in a row and before it is in use', async () => {
  const single = await Promise.all(Array.from({ length: 200 }, () => freePort()));
  const rows = await Promise.all(Array.from({ length: 20 }, () => freePort(4)));
  const all = [...single, ...rows.flatMap((first) => [first, first + 1, first + 2, first + 3])];
  expect(new Set(all).size).toBe(280);
});
