// Group commit, with writes that the test completes one by one.
import { expect, test } from '@jest/globals';
import { createBatch } from '../../../bot/store/batch.ts';

function createWriter() {
  const batches: number[][] = [];
  const finish: ((error?: Error) => void)[] = [];
  const add = createBatch((items: number[]) => {
    batches.push(items);
    return new Promise<string[]>((resolve, reject) => {
      finish.push((error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`))));
    });
  });
  return { add, batches, finish };
}

test('writes the first item immediately and later ones together, with one result per item', async () => {
  const { add, batches, finish } = createWriter();
  const results = Promise.all([1, 2, 3].map(add));
  expect(batches).toEqual([[1]]);
  finish[0]?.();
  await new Promise(setImmediate);
  expect(batches).toEqual([[1], [2, 3]]);
  finish[1]?.();
  await expect(results).resolves.toEqual(['done 1', 'done 2', 'done 3']);
});

test('fails only the items of a failed batch, and writes the next one', async () => {
  const { add, finish } = createWriter();
  const first = add(1);
  const second = add(2);
  finish[0]?.(new Error('disk full'));
  await expect(first).rejects.toThrow('disk full');
  await new Promise(setImmediate);
  finish[1]?.();
  await expect(second).resolves.toBe('done 2');
  await new Promise(setImmediate);
  const third = add(3);
  finish[2]?.();
  await expect(third).resolves.toBe('done 3');
});

test('writes many items in batches of one hundred', async () => {
  const { add, batches, finish } = createWriter();
  const all = Promise.all(Array.from({ length: 251 }, (_, i) => add(i)));
  for (let i = 0; i < 4; i++) {
    finish[i]?.();
    await new Promise(setImmediate);
  }
  await all;
  expect(batches.map((batch) => batch.length)).toEqual([1, 100, 100, 50]);
});

test('fails only the item with invalid values', async () => {
  const written: number[] = [];
  const add = createBatch(async (items: number[]) => {
    if (items.includes(2)) throw Object.assign(new Error('too long'), { code: 'ER_DATA_TOO_LONG' });
    written.push(...items);
    return items;
  });
  const results = await Promise.allSettled([0, 1, 2, 3].map(add));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual([0, 1, 3]);
});

test('turns the event loop between two results only if an interval is set', async () => {
  for (const [intervalMs, turnsPerResult] of [
    [20, 1],
    [0, 0],
  ] as const) {
    let turns = 0;
    const add = createBatch(async (items: number[]) => items, { intervalMs });
    await add(0);
    const seen: number[] = [];
    const all = [1, 2, 3].map((item) => add(item).then(() => seen.push(turns)));
    const count = () => {
      turns += 1;
      if (seen.length < 3) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(all);
    const [first = 0, second = 0, third = 0] = seen;
    expect([Math.sign(second - first), Math.sign(third - second)]).toEqual([turnsPerResult, turnsPerResult]);
  }
});
