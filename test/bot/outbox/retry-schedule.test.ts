// Retries of a part at every step of the schedule, and giving up after the last one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SendResult } from '../../../bot/domain/delivery.ts';
import { createOutbox, type OutboxRow, PART_EXPIRES_AFTER_MS } from '../../../bot/outbox/outbox.ts';
import { migrate } from '../../../bot/store/migrate.ts';
import { openStore, type Store } from '../../../bot/store/open-store.ts';
import { jittered, RETRY_DELAYS_MS, retryDelayMs } from '../../../bot/store/retry-schedule.ts';
import { outboxRow } from '../store/rows.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
let dir: string;
let store: Store;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chatbot-retries-'));
  store = openStore(`sqlite:${dir}/bot.db`);
  await migrate(store);
});
afterAll(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

function retry(retryAfterMs?: number): SendResult {
  const failure = { class: 'rate_limited', stage: 'send', code: '1', message: 'wait' } as const;
  return { outcome: 'retrying', failure: { ...failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}

/**
 * Settles attempt number `attempts` as a retry, `leftMs` before the part expires. Resolves with the resulting state.
 */
async function settleAttempt({
  attempts,
  leftMs,
  retryAfterMs,
}: {
  attempts: number;
  leftMs: number;
  retryAfterMs?: number;
}) {
  const { knex } = store;
  await knex('outbox').delete();
  await knex('outbox').insert(outboxRow({ attempts: attempts - 1, expires_at: NOW + leftMs }));
  const outbox = createOutbox({ store, owner: 'me', clock: () => NOW });
  const [row] = (await outbox.lease(1)) as [OutboxRow]; // the one just written
  const settled = await outbox.settle(row, retry(retryAfterMs));
  const { state, available_at } = await knex('outbox').first();
  return { settled, state, pauseMs: Number(available_at) - NOW };
}

const attempt = fc.integer({ min: 1, max: RETRY_DELAYS_MS.length });
const retryAfter = fc.option(fc.integer({ min: 0, max: HOUR / 2 }), { nil: undefined });

describe('a part that can be retried', () => {
  test('waits at least as long as the schedule and the platform require, and at most a fifth longer', async () => {
    const property = fc.asyncProperty(attempt, retryAfter, async (attempts, retryAfterMs) => {
      const outcome = await settleAttempt({
        attempts,
        leftMs: HOUR,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
      const least = Math.max(RETRY_DELAYS_MS[attempts - 1] ?? 0, retryAfterMs ?? 0);
      expect(outcome).toMatchObject({ settled: 'retrying', state: 'pending' });
      expect(outcome.pauseMs).toBeGreaterThanOrEqual(least);
      expect(outcome.pauseMs).toBeLessThanOrEqual(least * 1.2);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test.each(RETRY_DELAYS_MS.map((pause, i) => [i + 1, pause]))(
    'is given up after attempt %i only if its pause of %i ms ends after the part expires',
    async (attempts, pause) => {
      await expect(settleAttempt({ attempts, leftMs: pause })).resolves.toMatchObject({ settled: 'retrying' });
      await expect(settleAttempt({ attempts, leftMs: pause - 1 })).resolves.toMatchObject({ settled: 'dead' });
    },
  );

  test('is given up after the last step of the schedule', async () => {
    const attempts = RETRY_DELAYS_MS.length + 1;
    await expect(settleAttempt({ attempts, leftMs: HOUR })).resolves.toMatchObject({ settled: 'dead', state: 'dead' });
  });
});

test('pauses grow with every attempt', () => {
  const pauses = RETRY_DELAYS_MS.map((_, i) => retryDelayMs(i + 1));
  expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  expect(new Set(pauses).size).toBe(pauses.length);
});

test('every attempt of the schedule comes before the part expires, with the longest jitter', () => {
  const longest = RETRY_DELAYS_MS.reduce((sum, pause) => sum + jittered(pause, () => 1), 0);
  expect(longest).toBeLessThan(PART_EXPIRES_AFTER_MS);
});

test('jitter adds at most a fifth to a pause', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: HOUR }), fc.double({ min: 0, max: 1, noNaN: true }), (ms, random) => {
      expect(jittered(ms, () => random)).toBeGreaterThanOrEqual(ms);
      expect(jittered(ms, () => random)).toBeLessThanOrEqual(Math.round(ms * 1.2));
    }),
  );
  expect(jittered(1_000, () => 0)).toBe(1_000);
  expect(jittered(1_000, () => 0.5)).toBe(1_100);
});
