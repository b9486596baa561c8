// Tests the limits of open connections.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createGate } from '../../../../ops/diagnose/ports/gate.ts';

test('limits the tasks per host and in total, and runs every task', async () => {
  const gate = createGate({ total: 4, perHost: 2 });
  const open = new Map<string, number>();
  let mostOfAll = 0;
  let mostOfOne = 0;
  let done = 0;
  const visit = (host: string) =>
    gate.run(host, async () => {
      open.set(host, (open.get(host) ?? 0) + 1);
      mostOfAll = Math.max(
        mostOfAll,
        [...open.values()].reduce((sum, count) => sum + count, 0),
      );
      mostOfOne = Math.max(mostOfOne, ...open.values());
      await sleep(2);
      open.set(host, (open.get(host) ?? 0) - 1);
      done += 1;
      if (done % 5 === 0) throw new Error('a failed task frees its place too');
    });
  await Promise.allSettled(Array.from({ length: 30 }, (_, index) => visit(['a', 'b', 'c'][index % 3] ?? 'a')));
  expect([mostOfAll, mostOfOne, done]).toEqual([4, 2, 30]);
});
