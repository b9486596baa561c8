// Trace ids are unique. Hashed ids depend on the id and the key.
import { expect, test } from '@jest/globals';
import { hashId, newTraceId } from '../../../bot/telemetry/ids.ts';

test('trace ids have 32 hexadecimal digits and are unique', () => {
  const ids = Array.from({ length: 100 }, newTraceId);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
  expect(new Set(ids).size).toBe(100);
});

test('hashed ids are stable, and differ by key and by id', () => {
  expect(hashId('key', 'oc_1')).toBe('2a1137121a4d0749');
  expect(hashId('key', 'oc_1')).not.toBe(hashId('other key', 'oc_1'));
  expect(hashId('key', 'oc_1')).not.toBe(hashId('key', 'oc_2'));
});
