// Tests that signed requests are remembered up to a limit, and until their signatures expire.
import { expect, test } from '@jest/globals';
import { createDeliveries } from '../../../bot/alerts/deliveries.ts';

const request = (signature: string, now = 0) => ({ signature, expiresAt: 1_000, now, groups: 1 });

test('forgets a request after its signature has expired', () => {
  const deliveries = createDeliveries(2);
  const first = deliveries.begin(request('a'));
  expect(deliveries.begin(request('a'))).toBe('reused');
  expect(typeof first).toBe('object');
  deliveries.begin(request('b'));
  expect(deliveries.begin(request('c'))).toBe('full');
  expect(typeof deliveries.begin({ ...request('c', 1_001), expiresAt: 2_000 })).toBe('object');
});
