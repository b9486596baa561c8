// The pump with real time and a queue in memory: concurrency, sleep, shutdown.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { LogFields, Logger } from '../../../bot/telemetry/logger.ts';
import { createPump, type Pump, type PumpOptions } from '../../../bot/worker/pump.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** Milliseconds longer than any wait of a test, so that no such timer ends during a test. */
const LONG = 10 * PATIENCE_MS;
const pumps: Pump[] = [];
afterEach(async () => {
  await Promise.all(pumps.splice(0).map((pump) => pump.stop(0)));
});

type Handle = PumpOptions<number>['handle'];

/** Creates a queue whose rows are removed once they are leased, and a pump for it. */
function createQueue({
  handle,
  concurrency = 4,
  idleMs = LONG,
  renewEveryMs = LONG,
}: {
  handle: Handle;
  concurrency?: number;
  idleMs?: number;
  renewEveryMs?: number;
}) {
  const queue = {
    due: [] as number[],
    leases: [] as number[],
    renewed: [] as number[][],
    failures: 0,
    errors: [] as string[],
  };
  const log = {
    error: (message: string, fields: LogFields) => queue.errors.push(`${message}: ${fields.error}`),
  } as unknown as Logger; // the pump logs only errors
  async function lease(limit: number): Promise<number[]> {
    queue.leases.push(limit);
    await wait(1);
    if (queue.failures > 0) {
      queue.failures -= 1;
      throw new Error('the database is away');
    }
    return queue.due.splice(0, limit);
  }
  async function renew(rows: number[]): Promise<void> {
    queue.renewed.push(rows);
    if (queue.renewed.length === 1) throw new Error('the database is away');
  }
  const pump = createPump({ concurrency, lease, handle, renew, renewEveryMs, idleMs, log });
  pumps.push(pump);
  return { queue, pump };
}

const rows = (count: number) => Array.from({ length: count }, (_, index) => index);

test('handles every row once, and as many at the same time as allowed', async () => {
  const seen: number[] = [];
  let now = 0;
  let most = 0;
  const { queue, pump } = createQueue({
    concurrency: 3,
    async handle(row) {
      now += 1;
      most = Math.max(most, now);
      await wait(row % 5);
      now -= 1;
      seen.push(row);
    },
  });
  queue.due.push(...rows(50));
  pump.start();
  await waitUntil('all are handled', () => seen.length === 50);
  expect(seen.toSorted((a, b) => a - b)).toEqual(rows(50));
  expect(most).toBe(3);
  expect(Math.max(...queue.leases)).toBe(3);
});

test('handles other rows while one row is slow', async () => {
  const seen: number[] = [];
  const { queue, pump } = createQueue({
    concurrency: 2,
    async handle(row, signal) {
      if (row === 0) await wait(LONG, undefined, { signal }).catch(() => {});
      seen.push(row);
    },
  });
  queue.due.push(...rows(20));
  pump.start();
  await waitUntil('the others are handled', () => seen.length === 19);
});

describe('when no row is due', () => {
  test('sleeps', async () => {
    const { queue, pump } = createQueue({ idleMs: 50, handle: async () => {} });
    pump.start();
    const started = performance.now();
    await waitUntil('it has looked several times', () => queue.leases.length >= 4);
    expect(performance.now() - started).toBeGreaterThanOrEqual(3 * 49);
  });

  test('leases nothing while all places are busy, however often it is woken', async () => {
    const { queue, pump } = createQueue({
      concurrency: 1,
      handle: (_row, signal) => wait(LONG, undefined, { signal }).catch(() => {}),
    });
    queue.due.push(1, 2);
    pump.start();
    for (const _ of rows(20)) {
      await wait(5);
      pump.wake();
    }
    expect(queue.leases).toEqual([1]);
  });

  test('ends the sleep immediately on wake', async () => {
    const seen: number[] = [];
    const { queue, pump } = createQueue({ handle: async (row) => void seen.push(row) });
    pump.start();
    await wait(20);
    queue.due.push(7);
    pump.wake();
    await waitUntil('the row is handled', () => seen.length === 1);
  });

  test('does not lose a wake during a lease', async () => {
    const { queue, pump } = createQueue({ handle: async () => {} });
    pump.start();
    expect(queue.leases).toEqual([4]); // in progress
    pump.wake();
    await waitUntil('it has looked again', () => queue.leases.length === 2);
  });

  test('leases the next row of a chat when a row ends', async () => {
    const seen: number[] = [];
    const { queue, pump } = createQueue({
      async handle(row) {
        await wait(20);
        seen.push(row);
        if (row === 1) queue.due.push(2);
      },
    });
    queue.due.push(1);
    pump.start();
    await waitUntil('both are handled', () => seen.length === 2);
  });
});

describe('failures', () => {
  test('logs an unavailable database and retries, not faster than the sleep', async () => {
    const seen: number[] = [];
    const { queue, pump } = createQueue({ idleMs: 20, handle: async (row) => void seen.push(row) });
    Object.assign(queue, { failures: 3, due: [1] });
    pump.start();
    const start = performance.now();
    await waitUntil('the row is handled', () => seen.length === 1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(3 * 19);
    expect(queue.errors).toEqual(Array(3).fill('Failed to lease rows; retrying: Error: the database is away'));
  });

  test.each<{ name: string; fail: () => Promise<void> }>([
    { name: 'rejects', fail: () => Promise.reject(new Error('broken')) },
    {
      name: 'throws at once',
      fail: () => {
        throw new Error('broken');
      },
    },
  ])('logs a handler that $name, and handles the other rows', async ({ fail }) => {
    const seen: number[] = [];
    const { queue, pump } = createQueue({
      concurrency: 1,
      handle: (row) => (row === 0 ? fail() : Promise.resolve(void seen.push(row))),
    });
    queue.due.push(...rows(4));
    pump.start();
    await waitUntil('the others are handled', () => seen.length === 3);
    expect(queue.errors).toEqual(['Failed to handle a row; its lease will expire: Error: broken']);
  });
});

describe('stop', () => {
  test('leases no more rows and waits for rows in progress', async () => {
    const seen: string[] = [];
    const { queue, pump } = createQueue({
      concurrency: 1,
      async handle(row, signal) {
        await wait(100);
        seen.push(`${row} ${signal.aborted}`);
      },
    });
    queue.due.push(1, 2);
    pump.start();
    await waitUntil('the row is in progress', () => queue.due.length === 1);
    await pump.stop(LONG);
    expect({ seen, due: queue.due }).toEqual({ seen: ['1 false'], due: [2] });
    pump.wake();
    await wait(20);
    expect(queue.leases).toHaveLength(1);
  });

  test('aborts rows that exceed the grace time, and waits for their end', async () => {
    const seen: string[] = [];
    const { queue, pump } = createQueue({
      async handle(row, signal) {
        await wait(LONG, undefined, { signal }).catch(() => {});
        await wait(20); // time to release its row
        seen.push(`${row} released`);
      },
    });
    queue.due.push(1);
    pump.start();
    await waitUntil('the row is in progress', () => queue.due.length === 0);
    const start = performance.now();
    await pump.stop(100);
    const elapsed = performance.now() - start;
    expect(seen).toEqual(['1 released']);
    expect(elapsed).toBeGreaterThanOrEqual(99);
  });

  test.each([
    { name: 'that sleeps', failures: 0 },
    { name: 'that waits for the database', failures: 1 },
  ])('does not wait for a pump $name', async ({ failures }) => {
    const { queue, pump } = createQueue({ idleMs: LONG, handle: async () => {} });
    queue.failures = failures;
    pump.start();
    await waitUntil('it has tried to lease', () => queue.leases.length === 1 && queue.failures === 0);
    await wait(20);
    await pump.stop(LONG);
  });

  test('is safe before the start and when called twice', async () => {
    const { pump } = createQueue({ handle: async () => {} });
    await pump.stop(0);
    await pump.stop(0);
  });

  test('handles rows that are leased during the stop', async () => {
    const seen: number[] = [];
    const { queue, pump } = createQueue({ handle: async (row) => void seen.push(row) });
    queue.due.push(1);
    pump.start();
    await pump.stop(LONG); // the first lease is in progress
    expect(seen).toEqual([1]);
  });
});

test('renews the leases of rows in progress only, also after a failed renewal and during a stop', async () => {
  let finish: () => void = () => {};
  const handle: Handle = (row) =>
    row === 1
      ? new Promise((resolve) => {
          finish = resolve;
        })
      : Promise.resolve();
  const { queue, pump } = createQueue({ handle, renewEveryMs: 20 });
  queue.due.push(0, 1);
  pump.start();
  await waitUntil('two renewals', () => queue.renewed.length >= 2);
  expect(queue.renewed[1]).toEqual([1]);
  expect(queue.errors).toEqual(['Failed to renew leases: Error: the database is away']);
  const before = queue.renewed.length;
  const stopped = pump.stop(LONG);
  await waitUntil('one more while stopping', () => queue.renewed.length > before);
  finish();
  await stopped;
  const after = queue.renewed.length;
  await wait(60);
  expect(queue.renewed).toHaveLength(after);
});
