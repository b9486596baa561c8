// The token cache: one fetch for concurrent callers, renewal before expiry, and no caching of failures.
import { expect, test } from '@jest/globals';
import { createTokenCache, type Token } from '../../../../bot/platforms/shared/token-cache.ts';

interface PendingFetch {
  appId: string;
  resolve(token: Token): void;
  reject(error: Error): void;
}

/** Creates a cache. The test sets its clock and answers its fetches. */
function setUp() {
  const fetches: PendingFetch[] = [];
  const time = { now: 0 };
  const fetchToken = (appId: string) =>
    new Promise<Token>((resolve, reject) => {
      fetches.push({ appId, resolve, reject });
    });
  return { cache: createTokenCache(fetchToken, () => time.now), fetches, time };
}

test('concurrent callers share one fetch', async () => {
  const { cache, fetches } = setUp();
  const waiting = [cache.get('a'), cache.get('a'), cache.get('a')];
  fetches[0]?.resolve({ value: 't1', lifetimeSeconds: 7200 });
  expect(await Promise.all(waiting)).toEqual(['t1', 't1', 't1']);
  expect(await cache.get('a')).toBe('t1');
  expect(fetches.map(({ appId }) => appId)).toEqual(['a']);
});

test.each([
  { life: 7200, lastSecond: 5999 },
  { life: 2400, lastSecond: 1199 },
  { life: 60, lastSecond: 29 },
])('a token of $life s is renewed after $lastSecond s, not before', async ({ life, lastSecond }) => {
  const { cache, fetches, time } = setUp();
  const first = cache.get('a');
  fetches[0]?.resolve({ value: 't1', lifetimeSeconds: life });
  await first;
  time.now = lastSecond * 1000 + 999;
  expect(await cache.get('a')).toBe('t1');
  time.now = (lastSecond + 1) * 1000;
  const renewed = cache.get('a');
  fetches[1]?.resolve({ value: 't2', lifetimeSeconds: life });
  expect(await renewed).toBe('t2');
  expect(fetches).toHaveLength(2);
});

test('an expired token is returned once and not cached', async () => {
  const { cache, fetches } = setUp();
  const first = cache.get('a');
  fetches[0]?.resolve({ value: 't1', lifetimeSeconds: 0 });
  expect(await first).toBe('t1');
  void cache.get('a');
  expect(fetches).toHaveLength(2);
});

test('a failed fetch rejects all waiting callers and is not cached', async () => {
  const { cache, fetches } = setUp();
  const waiting = Promise.allSettled([cache.get('a'), cache.get('a')]);
  const failure = new Error('rejected');
  fetches[0]?.reject(failure);
  expect(await waiting).toEqual([
    { status: 'rejected', reason: failure },
    { status: 'rejected', reason: failure },
  ]);
  const again = cache.get('a');
  fetches[1]?.resolve({ value: 't2', lifetimeSeconds: 7200 });
  expect(await again).toBe('t2');
});

test('drop removes a rejected token, but not a newer one', async () => {
  const { cache, fetches } = setUp();
  const first = cache.get('a');
  fetches[0]?.resolve({ value: 't1', lifetimeSeconds: 7200 });
  await first;
  cache.drop('a', 't1');
  const second = cache.get('a');
  fetches[1]?.resolve({ value: 't2', lifetimeSeconds: 7200 });
  await second;
  cache.drop('a', 't1');
  expect(await cache.get('a')).toBe('t2');
  expect(fetches).toHaveLength(2);
});

test('two apps never share a token', async () => {
  const { cache, fetches } = setUp();
  const both = Promise.all([cache.get('a'), cache.get('b')]);
  fetches.find(({ appId }) => appId === 'b')?.resolve({ value: 'of b', lifetimeSeconds: 7200 });
  fetches.find(({ appId }) => appId === 'a')?.resolve({ value: 'of a', lifetimeSeconds: 7200 });
  expect(await both).toEqual(['of a', 'of b']);
  cache.drop('a', 'of b');
  expect(await Promise.all([cache.get('a'), cache.get('b')])).toEqual(['of a', 'of b']);
});
